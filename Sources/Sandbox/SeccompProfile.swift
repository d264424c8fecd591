import CSeccomp
import Glibc
import LinuxSystem

/// The default seccomp profile, as the classic BPF program that the kernel takes (spec/07 §7.2).
///
/// Generating one takes some 15 ms: the caller keeps it, by `version`, architecture and capabilities.
package enum SeccompProfile {
    /// Changes whenever the same capabilities give another program.
    package static let version = 3

    /// What holds a step besides the filter.
    package enum Confinement: String, Hashable, Sendable {
        case namespaces
        /// A changed root directory: processes and devices are those of everybody.
        case chroot
    }

    /// The program for a step with these capabilities, for the native architecture and those it runs beside.
    package static func program(
        _ confinement: Confinement = .namespaces,
        capabilities: Capabilities = .standard
    ) throws(SandboxError) -> [UInt8] {
        let filter = try SeccompFilter.start()
        for architecture in SeccompArchitecture.companions() { try filter.add(architecture: architecture) }
        let always = SeccompSystemCalls.always + SeccompSystemCalls.byArchitecture
        for name in always where confinement == .namespaces || !SeccompSystemCalls.reachingOthers.contains(name) {
            try filter.allow(name)
        }
        if confinement == .chroot { try confineToTree(filter) }
        for (capability, names) in SeccompSystemCalls.byCapability where capabilities.contains(capability) {
            for name in names { try filter.allow(name) }
        }
        try addConditions(to: filter)
        if !capabilities.contains(.sysAdmin) { try confineClone(filter) }
        return prologue() + (try filter.program())
    }

    private static func addConditions(to filter: borrowing SeccompFilter) throws(SandboxError) {
        for persona: UInt64 in [0, 0x8, 0x20000, 0x20008, 0xffff_ffff] {
            try filter.allow("personality", [.equal(0, persona)])
        }
        // All but AF_ALG (38) and AF_VSOCK (40).
        try filter.allow("socket", [.less(0, 38)])
        try filter.allow("socket", [.equal(0, 39)])
        try filter.allow("socket", [.greater(0, 40)])
    }

    /// No signal to everybody at once.
    ///
    /// Devices are the business of the step's supervision.
    private static func confineToTree(_ filter: borrowing SeccompFilter) throws(SandboxError) {
        // All numbers but -1: positive, or negative with another bit that is 0.
        let sign: UInt64 = 1 << 31
        try filter.allow("kill", [.maskedEqual(0, mask: sign, 0)])
        for bit in 0..<31 { try filter.allow("kill", [.maskedEqual(0, mask: sign | 1 << UInt64(bit), sign)]) }
    }

    /// No new namespaces.
    ///
    /// The flags of clone3 are behind a pointer, so it does not exist, and the C library uses clone.
    private static func confineClone(_ filter: borrowing SeccompFilter) throws(SandboxError) {
        let native = seccomp_arch_native()
        let flags: UInt32 = native == SeccompArchitecture.s390x ? 1 : 0
        try filter.allow("clone", [.maskedEqual(flags, mask: 0x7e02_0000, 0)])
        try filter.fail("clone3", with: ENOSYS)
    }

    /// Instructions before libseccomp's, for calls newer than an installed libseccomp.
    ///
    /// Their numbers are the same on every architecture (but MIPS). Those of the list are allowed; those that nobody
    /// knew when it was made do not exist, so that programs use what they used before: with EPERM a C library gives
    /// up, for example in chmod.
    private static func prologue() -> [UInt8] {
        if SeccompArchitecture.isMIPS { return [] }
        return BPF.bytes([
            BPF.load(0),  // the number of the call
            BPF.jumpIfAbove(0x4000_0000, yes: 7),  // x32
            BPF.jumpIfAbove(467, yes: 5),
            BPF.jumpIfAbove(462, yes: 3),  // mseal to removexattrat
            BPF.jumpIfAbove(459, yes: 4),  // lsm_*: libseccomp's default
            BPF.jumpIfAbove(451, yes: 1),  // cachestat to listmount
            BPF.jumpIfAbove(0, yes: 2, no: 2),
            BPF.giveBack(BPF.allow),
            BPF.giveBack(BPF.noSuchCall),
        ])
    }
}
