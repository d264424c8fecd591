import CSandbox
import LinuxSystem

/// Writes a plan in the form that `CSandbox.h` describes.
struct PlanEncoder {
    private(set) var bytes: [UInt8] = []

    init(_ plan: SandboxPlan) {
        number(CSANDBOX_MAGIC)
        number(plan.namespaces.rawValue)
        number(UInt64(plan.steps.count + 1))
        for step in plan.steps { encode(step) }
        operation(CSANDBOX_EXECUTE) {
            $0.list(plan.arguments.map { Array($0.utf8) })
            $0.list(plan.environment.map { Array($0.utf8) } + plan.secretEnvironment)
        }
    }

    private mutating func encode(_ step: SandboxStep) {
        switch step {
        case .joinControlGroup(let path): operation(CSANDBOX_CONTROL_GROUP) { $0.text(path) }
        case .privateMounts: operation(CSANDBOX_PRIVATE_MOUNTS) { _ in }
        case .root(let source, let place, let attributes):
            operation(CSANDBOX_ROOT) {
                $0.text(place)
                $0.number(attributes.rawValue)
                $0.source(source)
            }
        case .bind(let bind): operation(CSANDBOX_BIND) { $0.fields(bind) }
        case .filesystem(let mount): operation(CSANDBOX_FILESYSTEM) { $0.fields(mount) }
        case .file(let file): operation(CSANDBOX_FILE) { $0.fields(file) }
        case .symbolicLink(let path, let target):
            operation(CSANDBOX_SYMLINK) {
                $0.text(path)
                $0.text(target)
            }
        case .mask(let path): operation(CSANDBOX_MASK) { $0.text(path) }
        case .readOnly(let path): operation(CSANDBOX_READ_ONLY) { $0.text(path) }
        case .enterRoot: operation(CSANDBOX_PIVOT) { _ in }
        case .hostname(let name): operation(CSANDBOX_HOSTNAME) { $0.text(Array(name.utf8)) }
        case .loopbackUp: operation(CSANDBOX_LOOPBACK) { _ in }
        case .limit(let limit): operation(CSANDBOX_LIMIT) { $0.numbers([limit.resource, limit.soft, limit.hard]) }
        case .workingDirectory(let path, let uid, let gid):
            operation(CSANDBOX_DIRECTORY) {
                $0.text(path)
                $0.numbers([UInt64(uid), UInt64(gid)])
            }
        case .scope: operation(CSANDBOX_SCOPE) { _ in }
        case .seccomp(let program): operation(CSANDBOX_SECCOMP) { $0.text(program) }
        case .supervise(let calls):
            operation(CSANDBOX_SUPERVISE) {
                $0.number(calls.fallback == .none ? 1 : 0)
                $0.text(calls.program)
                guard case .program(let program) = calls.fallback else { return $0.text([UInt8]()) }
                $0.text(program)
            }
        case .changeRoot(let path): operation(CSANDBOX_CHANGE_ROOT) { $0.text(path) }
        case .confine: operation(CSANDBOX_CONFINE) { _ in }
        case .identity(let identity): operation(CSANDBOX_IDENTITY) { $0.fields(identity) }
        }
    }

    private mutating func fields(_ bind: BindMount) {
        text(bind.subpath ?? "")
        text(bind.target)
        number(bind.attributes.rawValue)
        number(flags(recursive: bind.recursive, optional: bind.optional, realTarget: bind.realTarget))
        source(bind.source)
    }

    private mutating func fields(_ mount: FilesystemMount) {
        text(Array(mount.type.utf8))
        list(mount.options.map { Array($0.utf8) })
        number(mount.attributes.rawValue)
        text(mount.target)
        number(flags(recursive: false, optional: mount.optional, realTarget: mount.realTarget))
    }

    private mutating func fields(_ file: FileMount) {
        text(file.target)
        text(file.contents)
        numbers([UInt64(file.permissions), UInt64(file.uid), UInt64(file.gid), file.attributes.rawValue])
        text(file.record)
    }

    private mutating func fields(_ identity: StepIdentity) {
        let groups = (identity.groups ?? []).map { UInt64($0) }
        numbers([UInt64(identity.uid), UInt64(identity.gid), identity.groups == nil ? 0 : 1, UInt64(groups.count)])
        numbers(groups)
        numbers([
            identity.bounding.rawValue, identity.permitted.rawValue, identity.inheritable.rawValue,
            identity.ambient.rawValue,
        ])
    }

    private func flags(recursive: Bool, optional: Bool, realTarget: Bool) -> UInt64 {
        (recursive ? UInt64(CSANDBOX_RECURSIVE.rawValue) : 0)
            | (optional ? UInt64(CSANDBOX_OPTIONAL.rawValue) : 0)
            | (realTarget ? UInt64(CSANDBOX_REAL_DIRECTORY.rawValue) : 0)
    }

    private mutating func source(_ source: MountSource) {
        switch source {
        case .path(let path):
            number(UInt64(CSANDBOX_SOURCE_DIRECTORY.rawValue))
            text(path)
        case .overlay(let layers):
            number(UInt64(CSANDBOX_SOURCE_OVERLAY.rawValue))
            list(layers.lower.map(\.bytes))
            text(layers.upper ?? "")
            text(layers.work ?? "")
            list(layers.options.map { Array($0.utf8) })
        }
    }

    /// The code, the size of the fields, the fields.
    private mutating func operation(_ code: csandbox_operation, _ fields: (inout PlanEncoder) -> Void) {
        number(UInt64(code.rawValue))
        let place = bytes.count
        number(0)
        fields(&self)
        let size = UInt64(bytes.count - place - MemoryLayout<UInt64>.size)
        withUnsafeBytes(of: size) { bytes.replaceSubrange(place..<place + $0.count, with: $0) }
    }

    private mutating func number(_ value: UInt64) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    private mutating func numbers(_ values: [UInt64]) {
        for value in values { number(value) }
    }

    private mutating func text(_ path: Path) {
        text(path.bytes)
    }

    private mutating func text(_ value: [UInt8]) {
        number(UInt64(value.count))
        bytes.append(contentsOf: value)
        bytes.append(contentsOf: repeatElement(0, count: 8 - value.count % 8))
    }

    private mutating func list(_ values: [[UInt8]]) {
        number(UInt64(values.count))
        for value in values { text(value) }
    }
}
