import LinuxSystem
import OCI
import Testing

@testable import Commands

@Suite("Values of --cache-from and --cache-to")
struct CacheSpecificationTests {
    @Test func sources() throws {
        #expect(
            try CacheSource.parse("user/app:cache,other").map(\.location.description) == [
                "docker.io/user/app:cache", "docker.io/library/other:latest",
            ]
        )
        let insecure = try CacheSource.parse("type=registry,ref=host:1/a:b,registry.insecure=true")
        #expect(insecure.first?.isInsecure == true)
        #expect(
            try CacheSource.parse("type=local,src=dir").first?.location
                == .directory("dir", tag: "latest", digest: nil)
        )
        let digest = Digest.sha256(of: "x")
        #expect(
            try CacheSource.parse("type=local,src=dir,tag=t,digest=\(digest)").first?.location
                == .directory("dir", tag: "t", digest: digest)
        )
    }

    @Test func destinations() throws {
        let registry = try CacheDestination.parse("user/app:cache")
        #expect(registry.first?.kind == .registry(try ImageReference(parsing: "docker.io/user/app:cache")))
        let text =
            "type=local,dest=d,mode=max,tag=t,reset=true,ignore-error=true,image-manifest=false,"
            + "oci-mediatypes=false,compression=zstd,compression-level=3,force-compression=true"
        let local = try #require(try CacheDestination.parse(text).first)
        #expect(local.kind == .directory("d", tag: "t", resets: true))
        #expect(local.keepsAll && local.ignoresErrors && !local.isImageManifest && !local.image.ociMediaTypes)
        #expect(local.image.compression == .zstd && local.image.compressionLevel == 3 && local.image.forceCompression)
        // As BuildKit has it, an unknown mode is the smaller one.
        #expect(try CacheDestination.parse("type=inline,mode=some").first?.keepsAll == false)
    }

    @Test(
        "what cannot work is refused",
        arguments: [
            ("type=registry", "missing ref", "registry cache exporter requires ref"),
            ("type=local", "local cache importer requires src", "local cache exporter requires dest"),
            ("type=foo", "unknown cache importer: \"foo\"", "unknown cache exporter: \"foo\""),
            ("ref=a", "type required for \"ref=a\"", "type required for \"ref=a\""),
            ("type=gha", "types are registry, local and inline", "types are registry, local and inline"),
            ("type=registry,ref=UPPER", "failed to parse UPPER", "failed to parse UPPER"),
        ]
    )
    func refuses(text: String, source: String, destination: String) {
        func message(_ parse: () throws -> Void) -> String {
            do {
                try parse()
                return "nothing"
            } catch {
                return "\(error)"
            }
        }
        #expect(message { _ = try CacheSource.parse(text) }.contains(source))
        #expect(message { _ = try CacheDestination.parse(text) }.contains(destination))
    }

    @Test func theSameDestinationTwiceIsRefused() throws {
        let twice = ["type=local,dest=a", "type=local,dest=a"]
        #expect(throws: OptionError.conflicting("duplicate cache exports [local]")) {
            _ = try CacheDestination.parseAll(twice)
        }
        #expect(try CacheDestination.parseAll(["type=local,dest=a", "type=local,dest=b"]).count == 2)
    }
}
