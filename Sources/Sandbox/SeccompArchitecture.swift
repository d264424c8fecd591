import CSeccomp

/// The architectures that libseccomp names, as it numbers them.
enum SeccompArchitecture {
    static let i386: UInt32 = 0x4000_0003
    static let amd64: UInt32 = 0xc000_003e
    static let x32: UInt32 = 0x4000_003e
    static let arm: UInt32 = 0x4000_0028
    static let aarch64: UInt32 = 0xc000_00b7
    static let s390: UInt32 = 0x0000_0016
    static let s390x: UInt32 = 0x8000_0016
    /// EM_MIPS, of all its variants; the numbers of its calls have an offset.
    private static let mips: UInt32 = 8

    static var isMIPS: Bool { seccomp_arch_native() & 0xffff == mips }

    /// The architectures whose programs the kernel runs too.
    static func companions() -> [UInt32] {
        switch seccomp_arch_native() {
        case amd64: [i386, x32]
        case aarch64: [arm]
        case s390x: [s390]
        default: []
        }
    }

    /// Whether calls about ids have 16 bits for each, unless their name ends in 32.
    static func hasNarrowIDs(_ architecture: UInt32) -> Bool {
        [i386, arm, s390].contains(architecture)
    }
}

/// Instructions of classic BPF, as seccomp(2) runs them.
enum BPF {
    struct Instruction {
        var code: UInt16
        var yes: UInt8
        var no: UInt8
        var value: UInt32
    }

    static let allow: UInt32 = 0x7fff_0000
    /// The call fails with ENOSYS.
    static let noSuchCall: UInt32 = 0x0005_0000 | 38

    /// Loads a word of struct seccomp_data.
    static func load(_ offset: UInt32) -> Instruction {
        Instruction(code: 0x20, yes: 0, no: 0, value: offset)
    }

    /// Skips `yes` instructions if the word is at least the value, `no` otherwise.
    static func jumpIfAbove(_ value: UInt32, yes: UInt8 = 0, no: UInt8 = 0) -> Instruction {
        Instruction(code: 0x35, yes: yes, no: no, value: value)
    }

    static func jumpIfEqual(_ value: UInt32, yes: UInt8 = 0, no: UInt8 = 0) -> Instruction {
        Instruction(code: 0x15, yes: yes, no: no, value: value)
    }

    static func giveBack(_ action: UInt32) -> Instruction {
        Instruction(code: 0x06, yes: 0, no: 0, value: action)
    }

    static func bytes(_ instructions: [Instruction]) -> [UInt8] {
        instructions.flatMap { instruction in
            withUnsafeBytes(of: instruction.code, Array.init) + [instruction.yes, instruction.no]
                + withUnsafeBytes(of: instruction.value, Array.init)
        }
    }
}
