import LinuxSystem

/// The report of `swbuild doctor` as text.
struct DoctorText {
    let report: DoctorReport

    init(_ report: DoctorReport) {
        self.report = report
    }

    /// The whole report, without a line feed at its end.
    var text: String {
        var lines = system + [""] + isolation
        if report.cache != nil { lines += [""] + cache }
        lines += [""] + platforms
        lines += ["", "Control groups: \(report.controlGroups)", "Programs:"]
        lines += report.programs.map { "  \($0.name): \($0.path ?? "missing; needed for \($0.use)")" }
        return lines.joined(separator: "\n")
    }

    private var system: [String] {
        let system = report.system
        let user = system.uid == 0 ? "root" : "user \(system.uid)"
        let ids = system.ids >= 0xffff_ffff ? "" : ", in a user namespace with \(system.ids) ids"
        return ["swbuild \(system.version), Linux \(system.kernel) \(system.architecture), as \(user)\(ids)"]
    }

    private var isolation: [String] {
        let isolation = report.isolation
        var lines = ["Isolation: rung \(isolation.rung), \(isolation.description)"]
        lines += isolation.givesUp.map { "  gives up: \($0)" }
        if !isolation.barred.isEmpty { lines.append("Better rungs, and what bars them:") }
        for rung in isolation.barred {
            lines.append("  rung \(rung.rung), `--isolation=\(rung.mode)`: \(rung.reason)")
            if let remedy = rung.remedy { lines.append("    remedy: \(remedy)") }
        }
        if let profile = isolation.appArmorProfile {
            lines.append("  as `/etc/apparmor.d/swbuild`, loaded with `apparmor_parser -r /etc/apparmor.d/swbuild`:")
            lines += profile.split(separator: "\n").map { "    \($0)" }
        }
        return lines
    }

    private var platforms: [String] {
        let ways: [(DoctorReport.Platform.Way, String)] = [
            (.native, "native"), (.registered, "by an emulator that the machine has registered"),
            (.build, "by an emulator that each build registers for itself"), (.no, "not"),
        ]
        let lines = ways.compactMap { way, words -> String? in
            let names = report.platforms.filter { $0.way == way }.map(\.name)
            return names.isEmpty ? nil : "  \(words): \(names.joined(separator: ", "))"
        }
        let remedies = Set(report.platforms.compactMap(\.remedy)).sorted().map { "    remedy: \($0)" }
        return ["Platforms whose steps run:"] + lines + remedies
    }

    private var cache: [String] {
        guard let cache = report.cache else { return [] }
        var lines = ["Cache: \(cache.directory)"]
        if let problem = cache.problem { lines.append("  unusable: \(problem)") }
        if let kind = cache.fileSystem {
            let free = cache.freeBytes.map { ", \($0 >> 20) MiB free" } ?? ""
            lines.append("  file system: \(kind)\(free)")
        }
        if let overlay = cache.overlay {
            lines.append("  overlay: " + (overlay ? "yes" : "no, \(cache.overlayProblem ?? "refused")"))
        }
        if let reflink = cache.reflink { lines.append("  reflinks: \(reflink ? "yes" : "no, files are copied")") }
        if let remedy = cache.remedy { lines.append("  remedy: \(remedy)") }
        return lines
    }
}

// What the rungs are, for the report and for the manual page.
extension DoctorText {
    static func description(of rung: IsolationRung) -> String {
        switch rung {
        case .range: "a range of ids: namespaces and overlay, and every owner is real"
        case .single: "a user namespace with one id: namespaces and overlay, and a record of owners"
        case .container: "root in a container: a private root directory for each step (chroot), every owner is real"
        case .none: "none: only what needs no RUN can be built"
        }
    }

    /// What a rung gives up in comparison with the first.
    static func losses(of rung: IsolationRung) -> [String] {
        switch rung {
        case .range:
            [
                "but for root of the machine, device files are recorded instead of made; layers have them all the same",
                "a step that makes one sees an empty file, unless its command says `mknod`; later steps see the device",
            ]
        case .single:
            [
                "owners and device files are recorded instead of set; layers have them all the same",
                "calls that change or ask for owners cost some microseconds more, the status of a file some fifteen",
                "a step of another user than root is refused files as it should be, and a little slower; one that changes "
                    + "its user later may read and remove more; /proc/self/status says 0",
            ]
        case .container:
            [
                "no namespaces: a step shares processes, network and host name with the container; no --network=none",
                "no mounts: snapshots are plain directories, which are copied where the file system has no reflinks",
                "/proc has a few copied files, and of /proc/self what can be read, exe and the descriptors; in a container "
                    + "other users than root have no /proc/self",
                "no processes of others in /proc, no /dev/pts, no size limits of tmpfs",
                "device files but null, zero, full, random, urandom and tty are recorded; layers have them all the same",
                "sudo, su and file capabilities do nothing for another user than root; no debuggers",
                "a cache mount is used by one step at a time; a second place of it in one step is a link",
            ]
        case .none: ["RUN"]
        }
    }

    /// The rungs in a paragraph each.
    static var rungs: String {
        let rungs: [IsolationRung] = [.range, .single, .container, .none]
        let paragraphs = rungs.map { rung in
            let losses = losses(of: rung)
            let name = rung == .none ? "Rung 0" : "Rung \(rung.number) (`--isolation=\(rung.mode.rawValue)`)"
            return "\(name): \(description(of: rung))."
                + (losses.isEmpty ? "" : " Gives up: \(losses.joined(separator: "; ")).")
        }
        let beginning = """
            Every build takes the best of the isolation rungs that is possible, which is found by trying; images are \
            the same on all of them. `doctor` tries each and says what bars the better ones.
            """
        return ([beginning] + paragraphs).joined(separator: "\n\n")
    }
}
