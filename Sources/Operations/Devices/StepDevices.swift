import BuildGraph
import LinuxSystem
import Sandbox

/// What the `--device`s of a step give it.
struct StepDevices: Sendable {
    private(set) var mounts: [RunMount] = []
    /// `NAME=value`.
    private(set) var environment: [String] = []
    /// Groups that the step's user is in besides its own.
    private(set) var groups: [UInt32] = []
    /// What a container runtime would do and a step goes without.
    private(set) var omissions: [String] = []

    /// Finds the devices; those that are optional and not there are left out.
    init(_ requests: [DeviceRequest], directories: [Path] = DeviceCatalog.directories) throws {
        if requests.isEmpty { return }
        let catalog = try DeviceCatalog(directories)
        for request in requests {
            let found = catalog.edits(request.name)
            if found.isEmpty, !request.optional { throw catalog.missing(request.name) }
            for edits in found { try add(edits, of: request.name) }
        }
    }

    private mutating func add(_ edits: DeviceSpecification.Edits, of name: String) throws {
        environment += edits.env ?? []
        groups += edits.additionalGids ?? []
        for node in edits.deviceNodes ?? [] { try add(node, of: name) }
        for mount in edits.mounts ?? [] {
            try check(mount.containerPath, of: name)
            let source = MountSource.path(Path(mount.hostPath))
            let readOnly = mount.options?.contains("ro") ?? false
            mounts.append(
                RunMount(target: Path(mount.containerPath), content: .bind(source, subpath: nil), readOnly: readOnly)
            )
        }
        for hook in edits.hooks ?? [] { omissions.append("device \(name): the hook `\(hook.path)` is not run") }
    }

    private mutating func add(_ node: DeviceSpecification.Node, of name: String) throws {
        try check(node.path, of: name)
        let source = Path(node.hostPath ?? node.path)
        let kind = try? FileStatus.of(source).kind
        guard kind == .characterDevice || kind == .blockDevice else {
            throw OperationError.deviceSpecification(path: source.string, reason: "there is no such device file")
        }
        mounts.append(RunMount(target: Path(node.path), content: .device(source), readOnly: false))
    }

    private func check(_ target: String, of name: String) throws {
        guard target.hasPrefix("/"), target.contains(where: { $0 != "/" }) else {
            throw OperationError.deviceSpecification(path: name, reason: "`\(target)` is no absolute path")
        }
    }
}
