/// A set of Linux capabilities, as the bit mask that `/proc/self/status` shows.
package struct Capabilities: OptionSet, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let chown = Capabilities(number: 0)
    package static let dacOverride = Capabilities(number: 1)
    package static let dacReadSearch = Capabilities(number: 2)
    package static let fowner = Capabilities(number: 3)
    package static let fsetid = Capabilities(number: 4)
    package static let kill = Capabilities(number: 5)
    package static let setgid = Capabilities(number: 6)
    package static let setuid = Capabilities(number: 7)
    package static let setpcap = Capabilities(number: 8)
    package static let netBindService = Capabilities(number: 10)
    package static let netRaw = Capabilities(number: 13)
    package static let sysModule = Capabilities(number: 16)
    package static let sysRawio = Capabilities(number: 17)
    package static let sysChroot = Capabilities(number: 18)
    package static let sysPtrace = Capabilities(number: 19)
    package static let sysPacct = Capabilities(number: 20)
    package static let sysAdmin = Capabilities(number: 21)
    package static let sysBoot = Capabilities(number: 22)
    package static let sysNice = Capabilities(number: 23)
    package static let sysTime = Capabilities(number: 25)
    package static let sysTTYConfig = Capabilities(number: 26)
    package static let mknod = Capabilities(number: 27)
    package static let auditWrite = Capabilities(number: 29)
    package static let setfcap = Capabilities(number: 31)
    package static let syslog = Capabilities(number: 34)
    package static let perfmon = Capabilities(number: 38)
    package static let bpf = Capabilities(number: 39)

    /// What a `RUN` has: the fourteen of container runtimes (spec/07 §7.1).
    package static let standard: Capabilities = [
        .chown, .dacOverride, .fsetid, .fowner, .mknod, .netRaw, .setgid, .setuid,
        .setfcap, .setpcap, .netBindService, .sysChroot, .kill, .auditWrite,
    ]

    /// What a `RUN` has that only `chroot` holds: with CAP_SYS_CHROOT it could leave, and with all that the builder has
    /// it could trace the builder.
    package static let confined = standard.subtracting(.sysChroot)

    /// Every capability that there is or will be; the spawner gives of them what the builder has.
    package static let all = Capabilities(rawValue: .max)

    /// Sixteen hexadecimal digits, as the kernel writes them.
    package var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private init(number: UInt64) {
        rawValue = 1 << number
    }
}
