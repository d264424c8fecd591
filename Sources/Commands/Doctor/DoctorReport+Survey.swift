import Glibc
import LinuxSystem
import Sandbox

extension DoctorReport {
    /// Tries every rung on the cache directory and looks at what else matters; single threaded only.
    static func ofThisProcess(cache: Path?, version: String) -> DoctorReport {
        let survey = IsolationSurvey.ofThisProcess(cache: cache)
        return DoctorReport(
            system: System.ofThisProcess(version),
            isolation: Isolation(survey),
            cache: cache.map { Cache($0, survey) },
            platforms: BinaryFormat.all.map { Platform($0, survey.best) },
            controlGroups: BuilderFacts.presentControlGroups.rawValue,
            programs: Program.present
        )
    }
}

extension DoctorReport.System {
    static func ofThisProcess(_ version: String) -> DoctorReport.System {
        var names = utsname()
        uname(&names)
        let map = (try? FileDescriptor.open("/proc/self/uid_map").readAll(limit: 1 << 16)) ?? []
        return DoctorReport.System(
            version: version,
            kernel: withUnsafeBytes(of: names.release) { text($0) },
            architecture: withUnsafeBytes(of: names.machine) { text($0) },
            uid: geteuid(),
            ids: IDMap(parsing: String(decoding: map, as: UTF8.self)).count
        )
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension DoctorReport.Isolation {
    init(_ survey: IsolationSurvey) {
        let best = survey.best
        let refusals = survey.refusals
        self.init(
            rung: best.number,
            mode: best.mode.rawValue,
            description: DoctorText.description(of: best),
            givesUp: DoctorText.losses(of: best),
            barred: refusals.map {
                DoctorReport.Barred(
                    rung: $0.rung.number,
                    mode: $0.rung.mode.rawValue,
                    reason: $0.error.reason,
                    remedy: $0.error.remedy
                )
            },
            appArmorProfile: refusals.contains { $0.error.isOfAppArmor } ? AppArmorProfile.ofThisProgram : nil
        )
    }
}

extension DoctorReport.Cache {
    init(_ directory: Path, _ survey: IsolationSurvey) {
        self.init(directory: directory.string)
        do throws(SystemError) {
            let place = try CachePlace(directory)
            fileSystem = place.kind
            freeBytes = place.space.available
            reflink = place.clones
        } catch {
            problem = "\(error)"
            remedy = "set `XDG_CACHE_HOME` to a directory that this user may write to"
            return
        }
        guard survey.best == .range || survey.best == .single else { return }
        overlay = survey.overlay == nil
        overlayProblem = survey.overlay.map { "\($0)" }
        if survey.overlay != nil {
            remedy = "set `XDG_CACHE_HOME` to a directory on ext4, xfs, btrfs or tmpfs, such as a volume"
        }
    }
}

extension DoctorReport.Platform {
    init(_ format: BinaryFormat, _ rung: IsolationRung) {
        // Root of the machine takes what the machine has registered, and changes nothing.
        let registers = rung == .single || rung == .range && geteuid() != 0
        let hasEmulator = Emulators.emulator(of: format) != nil
        let name = "linux/\(format.architecture)"
        if format.isNative {
            self.init(name: name, way: .native)
        } else if Emulators.machineEmulator(of: format) != nil {
            self.init(name: name, way: .registered)
        } else if hasEmulator, registers {
            self.init(name: name, way: .build)
        } else {
            let error = hasEmulator ? EmulatorError.notRegistered(format) : .missing(format)
            self.init(name: name, way: .no, remedy: error.hint)
        }
    }
}

extension DoctorReport.Program {
    static var present: [DoctorReport.Program] {
        let uses = [
            ("git", "contexts and `ADD` of Git repositories"), ("ssh-agent", "`--ssh` with key files"),
            ("newuidmap", "a range of ids for ordinary users"), ("newgidmap", "a range of ids for ordinary users"),
        ]
        return uses.map { DoctorReport.Program(name: $0.0, path: Process.find($0.0)?.string, use: $0.1) }
    }
}
