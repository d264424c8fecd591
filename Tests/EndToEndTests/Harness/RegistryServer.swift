import Glibc

/// Debian's `docker-registry` on a free loopback port, with storage of its own.
struct RegistryServer: ~Copyable, Sendable {
    /// `127.0.0.1:<port>`.
    let address: String

    /// Where the blobs lie: `blobs/sha256/<2 hex>/<hex>/data` below it.
    let storage: String

    private let service: Janitor.Service

    /// Starts a registry whose configuration may hold more, such as an `auth` block.
    init(in scratch: Scratch, name: String, configuration: String = "") throws {
        let data = scratch.path("\(name)-data")
        let file = try scratch.write(
            "\(name).yml",
            """
            version: 0.1
            log: {accesslog: {disabled: true}, formatter: text}
            storage: {filesystem: {rootdirectory: \(data)}}
            http: {addr: "127.0.0.1:0"}
            \(configuration)
            """
        )
        service = try Janitor.Service(["docker-registry", "serve", file], ready: "listening on")
        let port = service.greeting.split(separator: "127.0.0.1:").last?.prefix { $0.isNumber } ?? ""
        address = "127.0.0.1:\(port)"
        storage = "\(data)/docker/registry/v2"
    }

    /// Ends the server: connections are refused from now on.
    consuming func stop() { service.stop() }

    /// The registry of the base images, shared by all tests.
    static let shared = Result { SharedRegistry(try RegistryServer(in: .shared, name: "registry")) }

    /// Pushes the image `tag` of a layout and returns its reference.
    func push(_ layout: ImageLayout, as name: String, tag: String = "1") throws -> String {
        let reference = "\(address)/\(name):\(tag)"
        try Command.check(
            "skopeo",
            [
                "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", "oci:\(layout.root):\(tag)",
                "docker://\(reference)",
            ]
        )
        return reference
    }

    /// The file that holds a blob.
    func file(of digest: String) -> String {
        let hex = digest.dropFirst("sha256:".count)
        return "\(storage)/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
    }
}

/// A holder for the one registry that all tests use.
final class SharedRegistry: Sendable {
    let server: RegistryServer

    init(_ server: consuming RegistryServer) { self.server = server }
}
