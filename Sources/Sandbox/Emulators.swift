import Glibc
import LinuxSystem

/// Makes programs for other processors run in steps, through emulators that the kernel starts for them (`binfmt_misc`).
///
/// What the machine has registered is used as it is, and never changed. Where it has nothing, a build in a user
/// namespace registers QEMU in that namespace alone (kernel 6.7), and it is gone with the build.
package actor Emulators {
    private let ownsNamespace: Bool
    private let hasMounts: Bool
    private let spawner: LazySpawner
    /// The namespace's own register, once there is one; from then on the kernel looks nowhere else.
    private var register: SharedDirectory?
    private var working: Set<String> = []

    package init(_ identity: UserNamespace.Identity, spawner: LazySpawner) {
        ownsNamespace = identity.userxattr && (identity.rung == .range || identity.rung == .single)
        hasMounts = identity.rung != .container
        self.spawner = spawner
    }

    /// Returns when programs for `architecture` run in a step.
    ///
    /// `scratch` is an empty directory, for a program that is run to find out.
    package func require(_ architecture: String, scratch: Path) async throws {
        guard let format = BinaryFormat.named(architecture) else { throw EmulatorError.unknown(architecture) }
        guard !format.isNative, !working.contains(architecture) else { return }
        try Directory.open(scratch).writeFile("program", format.program, mode: 0o755)
        if try await !runs(in: scratch) {
            try registerEmulator(of: format)
            guard try await runs(in: scratch) else { throw EmulatorError.fails(format) }
        }
        working.insert(architecture)
    }

    /// Whether the program in the directory runs with that directory as its root, where no emulator can be found by path.
    private func runs(in directory: Path) async throws -> Bool {
        let mounted: [SandboxStep] = [
            .privateMounts, .root(.path(directory), attachedAt: directory, attributes: []), .enterRoot,
        ]
        let plan = SandboxPlan(
            namespaces: hasMounts ? .mount : [],
            steps: hasMounts ? mounted : [.changeRoot(directory)],
            arguments: ["/program"],
            environment: []
        )
        let null = try FileDescriptor.open("/dev/null", .readWrite)
        let result = try await spawner.get().run(plan, standardOutput: null.raw, standardError: null.raw)
        return result.exit == .exited(code: 0)
    }

    private func registerEmulator(of format: BinaryFormat) throws(EmulatorError) {
        guard let interpreter = Self.emulator(of: format) else { throw .missing(format) }
        guard ownsNamespace else { throw .notRegistered(format) }
        do throws(SystemError) {
            var present = self.register
            if present == nil { present = try Self.makeRegister() }
            guard let register = present else { return }
            self.register = register
            let line = format.registration(interpreter: interpreter.string)
            try register.directory.openFile("register", .writeOnly).writeAll(Array(line.utf8))
        } catch {
            // Another step was faster.
            if error.code != EEXIST { throw .refused(format, error) }
        }
    }

    /// The register of this user namespace, with what the machine's had where that can be seen.
    private static func makeRegister() throws(SystemError) -> SharedDirectory {
        let mount = try DetachedMount.filesystem("binfmt_misc")
        // A descriptor below the mount keeps it.
        let register = SharedDirectory(try mount.root.duplicate())
        for format in BinaryFormat.all where !format.isNative {
            guard let interpreter = machineEmulator(of: format) else { continue }
            let line = format.registration(interpreter: interpreter)
            try? register.directory.openFile("register", .writeOnly).writeAll(Array(line.utf8))
        }
        return register
    }

    /// What the machine has registered for a format under QEMU's usual name.
    package static func machineEmulator(of format: BinaryFormat) -> String? {
        let path = Path("/proc/sys/fs/binfmt_misc/qemu-\(format.emulator)")
        guard let bytes = try? FileDescriptor.open(path).readAll(limit: 4096) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.first == "enabled" else { return nil }
        return lines.first { $0.hasPrefix("interpreter ") }.map { String($0.dropFirst("interpreter ".count)) }
    }

    /// The emulator of a format on the search path: one that needs no libraries, because a step's root has none for it.
    package static func emulator(of format: BinaryFormat) -> Path? {
        ["qemu-\(format.emulator)-static", "qemu-\(format.emulator)"].compactMap { Process.find($0) }
            .first { !needsInterpreter($0) }
    }

    /// Whether an ELF file names a dynamic linker (PT_INTERP).
    private static func needsInterpreter(_ path: Path) -> Bool {
        guard let file = try? FileDescriptor.open(path) else { return true }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let read = bytes.withUnsafeMutableBytes { (try? file.read(into: $0)) ?? 0 }
        guard read > 64, bytes[4] == 2 else { return true }
        let offset = Int(bytes[32]) | Int(bytes[33]) << 8
        let count = Int(bytes[56])
        return (0..<count).contains { index in
            let entry = offset + 56 * index
            return entry + 4 > read || bytes[entry] == 3
        }
    }
}

/// Why programs for another processor cannot run here.
package enum EmulatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The processor is none that is known.
    case unknown(String)
    /// Nothing is registered, and there is no emulator that could be.
    case missing(BinaryFormat)
    /// There is an emulator, but the machine's register is not this build's to change.
    case notRegistered(BinaryFormat)
    /// The kernel takes no emulator in a user namespace.
    case refused(BinaryFormat, SystemError)
    /// The emulator is registered, and fails all the same.
    case fails(BinaryFormat)

    package var description: String {
        switch self {
        case .unknown(let name): "programs for `\(name)` cannot be run: there is no such processor"
        case .missing(let format):
            "programs for `\(format.architecture)` cannot be run: the kernel knows no emulator for them, "
                + "and `qemu-\(format.emulator)-static` is not installed"
        case .notRegistered(let format):
            "programs for `\(format.architecture)` cannot be run: `qemu-\(format.emulator)-static` is not registered "
                + "with the kernel (`binfmt_misc`)"
        case .refused(let format, let cause):
            "programs for `\(format.architecture)` cannot be run: this kernel registers no emulator for a user "
                + "namespace, which needs Linux 6.7 (\(cause))"
        case .fails(let format):
            "programs for `\(format.architecture)` cannot be run: the emulator that is registered for them fails"
        }
    }

    /// What may be done about it.
    package var hint: String? {
        switch self {
        case .unknown: nil
        case .missing: "as root: `apt-get install qemu-user-static`"
        case .notRegistered:
            "as root: `apt-get install binfmt-support qemu-user-static`, or register it for this build alone: "
                + "as an ordinary user, or with `--isolation=single`"
        case .refused, .fails: "as root: `apt-get install binfmt-support qemu-user-static`"
        }
    }
}
