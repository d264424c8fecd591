import CSeccomp

/// The seccomp program that notifies of the calls that the ledger answers, and what each number means.
package enum LedgerProgram {
    /// Changes whenever the program does.
    package static let version = 5

    /// The program, to be installed besides that of the profile: everything else is allowed.
    ///
    /// Generating it takes some milliseconds: the caller keeps it, by `version` and architecture.
    package static func program() throws(SandboxError) -> [UInt8] {
        let filter = try SeccompFilter.startAllowing()
        for architecture in SeccompArchitecture.companions() { try filter.add(architecture: architecture) }
        for named in SupervisedCall.all(isWide: true) {
            for condition in named.conditions {
                try filter.notify(named.name, condition.map { [$0] } ?? [])
            }
        }
        return prologue() + (try filter.program())
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
        calls[UInt64(architecture) << 32 | UInt64(UInt32(bitPattern: number))]
    }

    private static let calls: [UInt64: SupervisedCall] = {
        var calls: [UInt64: SupervisedCall] = [:]
        for architecture in [seccomp_arch_native()] + SeccompArchitecture.companions() {
            for named in SupervisedCall.all(isWide: !SeccompArchitecture.hasNarrowIDs(architecture)) {
                let number = seccomp_syscall_resolve_name_arch(architecture, named.name)
                // Negative: not on this architecture. x32 says that it is amd64, and has a bit in its numbers.
                if number < 0 { continue }
                let shown = architecture == SeccompArchitecture.x32 ? SeccompArchitecture.amd64 : architecture
                calls[UInt64(shown) << 32 | UInt64(UInt32(bitPattern: number))] = named.call
            }
        }
        return calls
    }()
}
