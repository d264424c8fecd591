/// An OCI image layout that the tests write by hand, so that base images hold exactly what a test wants, also what no
/// honest tool would write.
struct ImageLayout {
    /// A blob of the layout.
    struct Blob: Sendable {
        let digest: String
        let size: Int
        let mediaType: String
        var json: String { #"{"mediaType":"\#(mediaType)","digest":"\#(digest)","size":\#(size)}"# }
    }

    /// How a layer is stored.
    enum Compression: String, CaseIterable, Sendable {
        case none = ""
        case gzip = "+gzip"
        case zstd = "+zstd"
    }

    let root: String

    /// Makes an empty layout directory.
    init(_ root: String) throws {
        self.root = root
        try FileTree.write("\(root)/oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        try Command.check("mkdir", ["-p", "\(root)/blobs/sha256"])
    }

    /// Takes a file in as a blob.
    func addFile(_ path: String, mediaType: String) throws -> Blob {
        let hex = String(try Command.check("sha256sum", [path]).prefix(64))
        try Command.check("cp", [path, "\(root)/blobs/sha256/\(hex)"])
        let size = try FileTree.status(path, "%s")
        return Blob(digest: "sha256:\(hex)", size: Int(size) ?? 0, mediaType: mediaType)
    }

    /// Takes a text in as a blob.
    func add(_ text: String, mediaType: String) throws -> Blob {
        let path = "\(root)/text"
        try FileTree.write(path, Array(text.utf8))
        let blob = try addFile(path, mediaType: mediaType)
        try Command.check("rm", [path])
        return blob
    }

    /// Takes a tar file in as a layer; returns it with its diff id.
    func addLayer(_ tar: String, _ compression: Compression = .gzip) throws -> (blob: Blob, diffID: String) {
        let diffID = "sha256:\(try Command.check("sha256sum", [tar]).prefix(64))"
        let packed = "\(root)/packed"
        let programs: [Compression: String] = [.none: "cat", .gzip: "gzip -n -1", .zstd: "zstd -q"]
        try Command.shell("\(programs[compression] ?? "cat") < \"$1\" > \"$2\"", [tar, packed])
        let type = "application/vnd.oci.image.layer.v1.tar\(compression.rawValue)"
        let blob = try addFile(packed, mediaType: type)
        try Command.check("rm", [packed])
        return (blob, diffID)
    }

    /// Writes config, manifest and index of an image of these layers; `config` is the JSON of the run config.
    func writeImage(
        _ layers: [(blob: Blob, diffID: String)],
        config: String,
        tag: String = "1",
        architecture: String = ImageLayout.architecture
    ) throws {
        let diffIDs = layers.map { "\"\($0.diffID)\"" }.joined(separator: ",")
        let history = layers.map { _ in #"{"created":"2024-01-01T00:00:00Z","created_by":"test"}"# }
        let configuration = try add(
            """
            {"architecture":"\(architecture)","os":"linux","created":"2024-01-01T00:00:00Z","config":\(config),\
            "rootfs":{"type":"layers","diff_ids":[\(diffIDs)]},"history":[\(history.joined(separator: ","))]}
            """,
            mediaType: "application/vnd.oci.image.config.v1+json"
        )
        let blobs = layers.map(\.blob.json).joined(separator: ",")
        let type = "application/vnd.oci.image.manifest.v1+json"
        let manifest = try add(
            #"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(configuration.json),"layers":[\#(blobs)]}"#,
            mediaType: type
        )
        let named = manifest.json.dropLast() + #","annotations":{"org.opencontainers.image.ref.name":"\#(tag)"}}"#
        try FileTree.write("\(root)/index.json", Array(#"{"schemaVersion":2,"manifests":[\#(named)]}"#.utf8))
    }

    /// The name of this machine's architecture in images.
    static let architecture: String = {
        let machine = (try? Command.check("uname", ["-m"]))?.dropLast() ?? "x86_64"
        return ["x86_64": "amd64", "aarch64": "arm64"][machine] ?? String(machine)
    }()
}
