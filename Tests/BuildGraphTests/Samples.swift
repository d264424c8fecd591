import BuildGraph
import OCI

/// Values that tests of the graph share.
enum Sample {
    static let manifest = Digest.sha256(of: "manifest")
    static let linux = Platform(os: "linux", architecture: "amd64")

    static func image(_ name: String = "alpine:latest", manifest: Digest = manifest) throws -> BuildGraph.Operation {
        .source(.image(reference: try ImageReference(parsing: name), manifest: manifest, platform: linux))
    }

    static func vertex(
        _ operation: BuildGraph.Operation,
        inputs: [VertexInput] = [],
        platform: Platform? = nil,
        name: String = "step"
    ) -> Vertex {
        Vertex(operation: operation, inputs: inputs, platform: platform, metadata: VertexMetadata(name: name))
    }

    static func exec(_ change: (inout ExecOperation) -> Void = { _ in }) -> Vertex {
        var exec = ExecOperation(arguments: ["/bin/sh", "-c", "make"], environment: ["A=1", "B=2"])
        change(&exec)
        return vertex(.exec(exec), inputs: [.vertex(manifest), .vertex(manifest)], platform: linux)
    }

    static func copy(_ change: (inout CopyAction) -> Void = { _ in }) -> Vertex {
        var copy = CopyAction(input: 1, source: "/src/a.txt", destination: "/dst/")
        change(&copy)
        return vertex(.file(FileOperation([.copy(copy)])), inputs: [.vertex(manifest), .vertex(manifest)])
    }
}
