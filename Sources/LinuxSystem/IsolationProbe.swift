import CLinux
import Glibc

/// What a child process found that tried a rung.
struct ProbeFinding: Hashable, Sendable {
    /// Why the rung cannot be taken; nil where everything that a step needs worked.
    var refusal: UserNamespaceError?
    /// Why overlay cannot have its upper directory on the cache directory; nil where it can, or was not tried.
    ///
    /// It does not bar the rung: there are other places, and plain directories.
    var overlay: SystemError?
}

/// Tries a rung in a child process, with the operations that a build and its steps use, and undoes them.
enum IsolationProbe {
    /// Tries `rung`; single threaded only.
    ///
    /// `plan` is what a range of ids would be made of.
    static func run(_ rung: IsolationRung, _ plan: MappingPlan, _ place: borrowing ProbePlace) -> ProbeFinding {
        // Needs no child to be refused.
        if rung == .range, let obstacle = plan.obstacle, geteuid() != 0 { return .init(refusal: .noRange(obstacle)) }
        if rung == .container, geteuid() != 0 { return .init(refusal: .notRoot) }
        do throws(SystemError) {
            let pipe = try FileDescriptor.pipe()
            let reader = pipe.read
            let writer = pipe.write
            let child = try kernelCall("start a probe") { clinux_fork() }
            if child == 0 {
                let finding = attempt(rung, plan, place.path)
                try? writer.writeAll(ProbeReport.encode(finding))
                _exit(0)
            }
            // The end of what the child writes would never come.
            _ = consume writer
            return try ProbeReport.read(reader, from: child)
        } catch {
            return ProbeFinding(refusal: .refused(.probe, code: error.code, cause: .unknown))
        }
    }

    private static func attempt(
        _ rung: IsolationRung,
        _ plan: MappingPlan,
        _ place: Result<Path, SystemError>
    ) -> ProbeFinding {
        var finding = ProbeFinding()
        do throws(UserNamespaceError) {
            switch rung {
            case .range:
                var identity = UserNamespace.Identity(kind: .none, userxattr: true)
                if let present = UserNamespace.enterAsPresentRoot() {
                    identity = present
                } else {
                    identity = try UserNamespace.enterRange(plan)
                }
                if identity.kind != .single { try tryOwner(place) }
                finding.overlay = try tryMounts(place, userxattr: identity.userxattr)
                guard identity.idCount >= MappingPlan.neededIDs else { throw .noRange(.fewIDs(identity.idCount)) }
            case .single:
                _ = try UserNamespace.enterSingle(note: nil)
                finding.overlay = try tryMounts(place, userxattr: true)
            case .container:
                try tryOwner(place)
                try tryRoot(place)
            case .none: break
            }
        } catch {
            finding.refusal = error
        }
        return finding
    }

    /// Mounts memory, an overlay and `/proc`; gives why the overlay does not work.
    private static func tryMounts(
        _ place: Result<Path, SystemError>,
        userxattr: Bool
    ) throws(UserNamespaceError) -> SystemError? {
        var overlay: SystemError?
        do throws(SystemError) {
            try DetachedMount.tryOverlay(in: Directory.open(place.get()), userxattr: userxattr)
        } catch {
            overlay = error
        }
        try UserNamespace.check(.mountMemory, attachMemory(place))
        try UserNamespace.check(.mountProc, clinux_probe_proc())
        return overlay
    }

    /// Mounts a filesystem in memory; 0 or -errno.
    private static func attachMemory(_ place: Result<Path, SystemError>) -> Int32 {
        do throws(SystemError) {
            // Where there is no cache directory, the child's own root will do: nothing is looked up by path any more.
            guard let path = try? place.get() else { return try DetachedMount.tmpfs().attach(to: "/") }
            // The probe of another rung may have left it.
            try Directory.open(path).makeDirectories("memory")
            return try DetachedMount.tmpfs().attach(to: path.appending("memory"))
        } catch {
            return -error.code
        }
    }

    /// Gives a file of the cache directory to another user.
    private static func tryOwner(_ place: Result<Path, SystemError>) throws(UserNamespaceError) {
        // Without a cache directory there will be a clearer error than one about owners.
        guard let path = try? place.get() else { return }
        do throws(SystemError) {
            let home = try Directory.open(path)
            try home.writeFile("owned", [])
            defer { try? home.remove("owned") }
            try home.setOwner("owned", uid: 1, gid: 1)
        } catch {
            throw UserNamespace.refusal(.changeOwner, error.code)
        }
    }

    /// Makes a directory the root, and becomes another user in it.
    private static func tryRoot(_ place: Result<Path, SystemError>) throws(UserNamespaceError) {
        let path = (try? place.get()) ?? "/"
        try UserNamespace.check(.changeRoot, path.withCString { clinux_change_root($0) })
        try UserNamespace.check(.becomeUser, setregid(1, 1) < 0 ? -errno : 0)
        try UserNamespace.check(.becomeUser, setreuid(1, 1) < 0 ? -errno : 0)
    }
}

/// How a finding goes through a pipe: a line for each part, its fields separated by tabs.
enum ProbeReport {
    static func encode(_ finding: ProbeFinding) -> [UInt8] {
        var lines: [String] = []
        switch finding.refusal {
        case .refused(let step, let code, _): lines.append("refused\t\(step.rawValue)\t\(code)")
        case .mapperFailed(let step, let output): lines.append("mapper\t\(step.rawValue)\t\(oneLine(output))")
        case .noRange(.fewIDs(let count)): lines.append("few\t\(count)")
        case .noRange, .notRoot, .forced, nil: break
        }
        if let overlay = finding.overlay {
            lines.append("overlay\t\(overlay.code)\t\(oneLine(overlay.operation))\t\(oneLine(overlay.detail ?? ""))")
        }
        return Array(lines.map { $0 + "\n" }.joined().utf8) + Array("end\n".utf8)
    }

    /// Reads what the child wrote and waits for its end; a child that died in between refuses.
    static func read(_ reader: borrowing FileDescriptor, from child: Int32) throws(SystemError) -> ProbeFinding {
        let bytes = try reader.readAll(limit: 1 << 16)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.last == "end" else {
            return ProbeFinding(refusal: .refused(.probe, code: ECANCELED, cause: .unknown))
        }
        return decode(lines)
    }

    static func decode(_ lines: [String]) -> ProbeFinding {
        var finding = ProbeFinding()
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let step = fields.count > 1 ? UserNamespaceError.Step(rawValue: fields[1]) : nil
            switch (fields[0], step, fields.count) {
            case ("refused", let step?, 3): finding.refusal = UserNamespace.refusal(step, Int32(fields[2]) ?? EPERM)
            case ("mapper", let step?, 3): finding.refusal = .mapperFailed(step, output: fields[2])
            case ("few", _, 2): finding.refusal = .noRange(.fewIDs(Int(fields[1]) ?? 1))
            case ("overlay", _, 4):
                finding.overlay = SystemError(
                    fields[2],
                    code: Int32(fields[1]) ?? EINVAL,
                    detail: fields[3].isEmpty ? nil : fields[3]
                )
            default: break
            }
        }
        return finding
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: { $0 == "\n" || $0 == "\t" }).joined(separator: "; ")
    }
}
