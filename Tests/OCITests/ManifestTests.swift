import OCI
import Testing

@Suite("manifests and indexes")
struct ManifestTests {
    static let hex = String(repeating: "0", count: 64)

    @Test("a manifest has BuildKit's bytes")
    func manifestBytes() throws {
        let digest = try Digest("sha256:\(Self.hex)")
        let manifest = Manifest(
            config: Descriptor(mediaType: MediaType.ociConfig, digest: digest, size: 2),
            layers: [
                Descriptor(
                    mediaType: MediaType.ociLayerGzip,
                    digest: digest,
                    size: 3,
                    annotations: ["b": "<1>", "a": "&"]
                )
            ]
        )
        let expected = """
            {
              "schemaVersion": 2,
              "mediaType": "application/vnd.oci.image.manifest.v1+json",
              "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": "sha256:\(Self.hex)",
                "size": 2
              },
              "layers": [
                {
                  "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                  "digest": "sha256:\(Self.hex)",
                  "size": 3,
                  "annotations": {
                    "a": "\\u0026",
                    "b": "\\u003c1\\u003e"
                  }
                }
              ]
            }
            """
        #expect(String(decoding: manifest.encoded(), as: UTF8.self) == expected)
        #expect(try Manifest(json: manifest.encoded()) == manifest)
    }

    @Test("an index has BuildKit's bytes")
    func indexBytes() throws {
        let digest = try Digest("sha256:\(Self.hex)")
        let index = Index(manifests: [
            Descriptor(
                mediaType: MediaType.ociManifest,
                digest: digest,
                size: 1,
                annotations: ["k": "v"],
                platform: Platform(os: "linux", architecture: "arm", variant: "v7")
            )
        ])
        let expected = """
            {
              "schemaVersion": 2,
              "mediaType": "application/vnd.oci.image.index.v1+json",
              "manifests": [
                {
                  "mediaType": "application/vnd.oci.image.manifest.v1+json",
                  "digest": "sha256:\(Self.hex)",
                  "size": 1,
                  "annotations": {
                    "k": "v"
                  },
                  "platform": {
                    "architecture": "arm",
                    "os": "linux",
                    "variant": "v7"
                  }
                }
              ]
            }
            """
        #expect(String(decoding: index.encoded(), as: UTF8.self) == expected)
        #expect(try Index(json: index.encoded()) == index)
    }

    @Test("an attestation's manifest keeps artifact type, data and subject in order")
    func attestation() throws {
        let digest = try Digest("sha256:\(Self.hex)")
        let empty = Descriptor(
            mediaType: MediaType.ociEmpty,
            digest: .sha256(of: "{}"),
            size: 2,
            data: Array("{}".utf8)
        )
        let manifest = Manifest(
            artifactType: "application/x",
            config: empty,
            layers: [],
            subject: Descriptor(mediaType: MediaType.ociManifest, digest: digest, size: 9)
        )
        let text = String(decoding: manifest.encoded(), as: UTF8.self)
        #expect(text.contains(#""data": "e30=""#))
        #expect(text.contains(#""layers": [],"#))
        #expect(try Manifest(json: manifest.encoded()) == manifest)
    }

    @Test("null arrays are read as empty, unknown fields are ignored")
    func tolerant() throws {
        let config = #""config":{"mediaType":"m","digest":"sha256:\#(Self.hex)","size":1,"new":{}}"#
        let manifest = try Manifest(json: #"{"schemaVersion":2,\#(config),"layers":null,"x":[1]}"#.utf8)
        #expect(manifest.layers.isEmpty)
        #expect(manifest.mediaType == "")
        #expect(try Index(json: #"{"manifests":null}"#.utf8).manifests.isEmpty)
    }

    @Test(
        "a hostile or unusable manifest is refused with its reason",
        arguments: [
            ("", "cannot read manifest: invalid JSON"),
            ("[]", "cannot read manifest: unexpected value at ``"),
            ("{}", "cannot read manifest: missing field `config`"),
            (#"{"schemaVersion":1,"fsLayers":[]}"#, "cannot read manifest: schema version 1 is not supported"),
            (#"{"config":{},"manifests":[]}"#, "cannot read manifest: unexpected field `manifests`"),
            (
                #"{"config":{"digest":"sha256:\#(hex)","size":-1}}"#,
                "cannot read manifest: invalid value at `config.size`: negative size"
            ),
        ]
    )
    func refused(json: String, message: String) {
        let error = #expect(throws: DocumentError.self) { try Manifest(json: json.utf8) }
        #expect(error?.description == message)
    }

    @Test("an index that holds layers is refused", arguments: ["layers", "config", "fsLayers"])
    func confused(field: String) {
        #expect(throws: DocumentError.ambiguous(kind: "image index", field: field)) {
            try Index(json: #"{"manifests":[],"\#(field)":[]}"#.utf8)
        }
    }

    @Test("media types name the compression of layers")
    func compression() {
        #expect(MediaType.compression(of: MediaType.dockerLayerGzip) == .gzip)
        #expect(MediaType.compression(of: MediaType.ociForeignLayerTar) == .uncompressed)
        #expect(MediaType.compression(of: MediaType.ociConfig) == nil)
        for compression in LayerCompression.allCases {
            for oci in [true, false] {
                #expect(MediaType.compression(of: MediaType.layer(compression, oci: oci)) == compression)
            }
        }
    }
}
