import BuildGraph
import LinuxSystem
import Sandbox
import Storage

// Steps without mounts: what would be mounted is put into their tree, and taken out again.
extension ExecRunner {
    /// Runs `body` while all that a step without mounts needs is in its tree.
    func stage(
        _ environment: RunEnvironment,
        _ root: StepRoot,
        _ body: (OutputDevices?) async throws -> StepResult
    ) async throws -> StepResult {
        guard context.identity.kind == .container, case .directory(let path) = root else { return try await body(nil) }
        if environment.network == .none { throw OperationError.needsNamespaces("`--network=none`") }
        if environment.security == .insecure { throw OperationError.needsNamespaces("`--security=insecure`") }
        // What a device description mounts are the machine's own files: they must not be moved into a tree.
        if !operation.devices.isEmpty { throw OperationError.needsNamespaces("`RUN --device`") }
        let volumes = context.cache.mounts
        let tree = try StagedTree(path)
        let result: Result<StepResult, any Error>
        do {
            try tree.put(environment, volumes: volumes)
            result = .success(try await body(tree.openDevices()))
        } catch {
            result = .failure(error)
        }
        try tree.restore { try volumes.takeBack($0, from: path) }
        try volumes.endLoans(to: path)
        return try result.get()
    }
}
