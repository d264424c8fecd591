import LinuxSystem

/// What `swbuild doctor` found, as its JSON has it.
struct DoctorReport: Codable, Hashable {
    /// The machine and the user.
    struct System: Codable, Hashable {
        var version: String
        var kernel: String
        var architecture: String
        var uid: UInt32
        /// The number of user ids that exist in the present user namespace.
        var ids: Int
    }

    /// One rung that is barred.
    struct Barred: Codable, Hashable {
        var rung: Int
        /// The value of `--isolation` that asks for it.
        var mode: String
        var reason: String
        var remedy: String?
    }

    /// The rung that builds stand on.
    struct Isolation: Codable, Hashable {
        /// 1, 2, 3, or 0 where no step can run.
        var rung: Int
        var mode: String
        var description: String
        /// What it gives up in comparison with rung 1, and costs.
        var givesUp: [String]
        /// The better rungs, best first.
        var barred: [Barred]
        /// The text of an AppArmor profile that would help; nil where AppArmor bars nothing.
        var appArmorProfile: String?
    }

    /// The cache directory.
    struct Cache: Codable, Hashable {
        var directory: String
        /// Why it cannot be used at all.
        var problem: String?
        var fileSystem: String?
        var freeBytes: Int64?
        /// Whether overlay can have its upper directory there; nil where no rung is possible that mounts.
        var overlay: Bool?
        var overlayProblem: String?
        var remedy: String?
        /// Whether copies share blocks.
        var reflink: Bool?
    }

    /// Whether steps for a platform can run.
    struct Platform: Codable, Hashable {
        /// How its programs run: `native`, `registered` (the machine's emulator), `build` (an emulator that each build
        /// registers for itself), or `no`.
        enum Way: String, Codable {
            case native
            case registered
            case build
            case no
        }

        var name: String
        var way: Way
        var remedy: String?
    }

    /// A program that some builds use.
    struct Program: Codable, Hashable {
        var name: String
        var path: String?
        var use: String
    }

    var system: System
    var isolation: Isolation
    var cache: Cache?
    var platforms: [Platform]
    var controlGroups: String
    var programs: [Program]
}
