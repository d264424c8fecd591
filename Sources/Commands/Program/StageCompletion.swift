import DockerfileParser
import LinuxSystem

/// Completes stage names out of the Dockerfile that the command line names so far.
enum StageCompletion {
    /// The largest Dockerfile read for a completion, in bytes.
    private static let limit = 1 << 20

    /// The named stages that begin with `prefix`; nothing where the Dockerfile cannot be read.
    static func stages(arguments: [String], index: Int, prefix: String) -> [String] {
        let path = dockerfile(arguments)
        guard let bytes = try? FileDescriptor.open(Path(path)).readAll(limit: limit),
            let dockerfile = try? Dockerfile(parsing: SourceFile(name: path, bytes: bytes))
        else { return [] }
        return dockerfile.stages.compactMap(\.name).filter { $0.hasPrefix(prefix) }
    }

    /// The value of `-f`, else `Dockerfile` in the directory among the arguments, else in the current one.
    private static func dockerfile(_ arguments: [String]) -> String {
        for (flag, value) in zip(arguments, arguments.dropFirst()) where flag == "-f" || flag == "--file" {
            return value
        }
        let directory = arguments.dropFirst().last { (try? FileStatus.of(Path($0 + "/Dockerfile"))) != nil }
        return (directory ?? ".") + "/Dockerfile"
    }
}
