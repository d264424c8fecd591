import CSeccomp
import Glibc

/// The seccomp programs that notify of the calls that the ledger answers, and what each number means.
package enum LedgerProgram: String, Sendable {
    /// Owners and devices are recorded.
    case owners
    /// The same for a step that begins as another user than root: what only root may do is looked at, too.
    case ownersForUser
    /// Devices are recorded, and no step before has made one: what makes one is answered.
    case newDevices
    /// Devices are recorded: what makes one is answered, and what asks for the status of files.
    case devices
    /// As `devices`, and what asks about the calling process itself is answered, since there is no proc.
    case devicesWithoutProc
    /// Nobody answers, and what makes a device is refused.
    case noDevices

    /// Changes whenever a program does.
    package static let version = 8

    /// The program, to be installed besides that of the profile: everything else is allowed.
    ///
    /// Generating it takes some milliseconds: the caller keeps it, by `version` and architecture.
    package func program() throws(SandboxError) -> [UInt8] {
        let filter = try SeccompFilter.startAllowing()
        for architecture in SeccompArchitecture.companions() { try filter.add(architecture: architecture) }
        for named in calls {
            for condition in named.conditions {
                let conditions = condition.map { [$0] } ?? []
                if self == .noDevices {
                    try filter.fail(named.name, with: EPERM, conditions)
                } else {
                    try filter.notify(named.name, conditions)
                }
            }
        }
        return ([.owners, .ownersForUser].contains(self) ? Self.prologue() : []) + (try filter.program())
    }

    private var calls: [SupervisedCall.Named] {
        switch self {
        case .owners: SupervisedCall.all(isWide: true)
        case .ownersForUser: SupervisedCall.all(isWide: true) + SupervisedCall.refusedToUsers
        case .newDevices, .noDevices: SupervisedCall.devices
        case .devices: SupervisedCall.devices + SupervisedCall.statusesOfPaths
        case .devicesWithoutProc:
            SupervisedCall.devices + SupervisedCall.statusesOfPaths + SupervisedCall.processFiles
        }
    }

    /// Calls newer than an installed libseccomp that would set or remove attributes behind its back: they do not exist,
    /// and programs use the older ones.
    private static func prologue() -> [UInt8] {
        if SeccompArchitecture.isMIPS { return [] }
        return BPF.bytes([
            BPF.load(0),
            BPF.jumpIfEqual(463, yes: 2),  // setxattrat
            BPF.jumpIfEqual(465, yes: 1),  // listxattrat
            BPF.jumpIfEqual(466, no: 1),  // removexattrat
            BPF.giveBack(BPF.noSuchCall),
        ])
    }

    /// What a call of an architecture means; `nil` for one that the filter does not notify of.
    static func call(architecture: UInt32, number: Int32) -> SupervisedCall? {
        meanings[UInt64(architecture) << 32 | UInt64(UInt32(bitPattern: number))]
    }

    private static let meanings: [UInt64: SupervisedCall] = {
        var meanings: [UInt64: SupervisedCall] = [:]
        for architecture in [seccomp_arch_native()] + SeccompArchitecture.companions() {
            let isWide = !SeccompArchitecture.hasNarrowIDs(architecture)
            let named = SupervisedCall.refusedToUsers + SupervisedCall.processFiles + SupervisedCall.all(isWide: isWide)
            for named in named {
                let number = seccomp_syscall_resolve_name_arch(architecture, named.name)
                // Negative: not on this architecture. x32 says that it is amd64, and has a bit in its numbers.
                if number < 0 { continue }
                let shown = architecture == SeccompArchitecture.x32 ? SeccompArchitecture.amd64 : architecture
                meanings[UInt64(shown) << 32 | UInt64(UInt32(bitPattern: number))] = named.call
            }
        }
        return meanings
    }()
}
