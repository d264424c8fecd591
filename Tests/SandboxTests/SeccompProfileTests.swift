import CSeccomp
import Glibc
import Testing

@testable import Sandbox

@Suite struct SeccompProfileTests {
    private static let allow: UInt32 = 0x7fff_0000

    private static func error(_ code: Int32) -> UInt32 { 0x0005_0000 | UInt32(code) }

    private func decide(
        _ call: String,
        _ arguments: [UInt64] = [],
        _ capabilities: Capabilities = .standard
    ) throws -> UInt32 {
        let number = seccomp_syscall_resolve_name(call)
        return try decide(number: UInt32(bitPattern: number), arguments, capabilities)
    }

    private func decide(
        number: UInt32,
        _ arguments: [UInt64] = [],
        _ capabilities: Capabilities = .standard
    ) throws -> UInt32 {
        let isStandard = capabilities == .standard
        let bytes = try isStandard ? StepFixture.seccomp.get() : SeccompProfile.program(capabilities: capabilities)
        return FilterProgram(bytes).decide(number: number, architecture: seccomp_arch_native(), arguments: arguments)
    }

    @Test(
        arguments: [
            ("read", [], allow),
            ("chroot", [], allow),
            ("ptrace", [], allow),
            ("socket", [2], allow), ("socket", [39], allow), ("socket", [41], allow),
            ("socket", [38], error(EPERM)), ("socket", [40], error(EPERM)),
            ("personality", [0], allow), ("personality", [0xffff_ffff], allow),
            ("personality", [0x40000], error(EPERM)),
            ("clone", [0x11], allow), ("clone", [0x1000_0011], error(EPERM)), ("clone", [0x2000_0011], error(EPERM)),
            ("clone3", [], error(ENOSYS)),
            ("unshare", [], error(EPERM)), ("mount", [], error(EPERM)), ("bpf", [], error(EPERM)),
            ("keyctl", [], error(EPERM)), ("io_uring_setup", [], error(EPERM)), ("userfaultfd", [], error(EPERM)),
            ("kexec_load", [], error(EPERM)), ("reboot", [], error(EPERM)),
        ] as [(String, [UInt64], UInt32)]
    )
    func decidesAsTheProfileSays(call: String, arguments: [UInt64], expected: UInt32) throws {
        #expect(try decide(call, arguments) == expected)
    }

    @Test(
        arguments: [
            (451, allow), (452, allow), (458, allow), (459, error(EPERM)), (461, error(EPERM)), (462, allow),
            (466, allow),
            (467, error(ENOSYS)), (9999, error(ENOSYS)), (UInt32.max, error(EPERM)),
        ] as [(UInt32, UInt32)]
    )
    func callsNewerThanTheLibraryAreKnown(number: UInt32, expected: UInt32) throws {
        #expect(try decide(number: number) == expected)
    }

    @Test(arguments: [
        ("mount", Capabilities.sysAdmin), ("clone3", .sysAdmin), ("unshare", .sysAdmin), ("bpf", .bpf),
        ("reboot", .sysBoot), ("settimeofday", .sysTime), ("open_by_handle_at", .dacReadSearch), ("syslog", .syslog),
    ])
    func aCapabilityBringsItsCalls(call: String, capability: Capabilities) throws {
        #expect(try decide(call, [], Capabilities.standard.union(capability)) == SeccompProfileTests.allow)
        #expect(try decide(call) != SeccompProfileTests.allow)
    }

    @Test func callsOfAnUnknownArchitectureAreRefused() throws {
        let program = try FilterProgram(SeccompProfile.program())
        #expect(program.decide(number: 0, architecture: 0x1234, arguments: []) == SeccompProfileTests.error(EPERM))
    }

    @Test func isTheSameEveryTime() throws {
        let first = try SeccompProfile.program()
        #expect(first.count % 8 == 0)
        #expect(first.count / 8 <= 4096)
        #expect(try SeccompProfile.program() == first)
    }

    @Test func theStandardCapabilitiesAreThoseOfContainers() {
        #expect(Capabilities.standard.description == "00000000a80425fb")
    }
}

/// Carries out a classic BPF program on the data of one system call, as the kernel does.
struct FilterProgram {
    private let instructions: [(code: UInt16, yes: UInt8, no: UInt8, value: UInt32)]

    init(_ bytes: [UInt8]) {
        instructions = stride(from: 0, to: bytes.count, by: 8).map { at in
            let value = bytes[(at + 4)..<(at + 8)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return (UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8, bytes[at + 2], bytes[at + 3], value)
        }
    }

    func decide(number: UInt32, architecture: UInt32, arguments: [UInt64]) -> UInt32 {
        var data = [number, architecture, 0, 0]
        for index in 0..<6 {
            let argument = index < arguments.count ? arguments[index] : 0
            data += [UInt32(truncatingIfNeeded: argument), UInt32(truncatingIfNeeded: argument >> 32)]
        }
        var accumulator: UInt32 = 0
        var place = 0
        while place < instructions.count {
            let instruction = instructions[place]
            let value = instruction.value
            place += 1
            switch instruction.code {
            case 0x20: accumulator = data[Int(value / 4)]
            case 0x54: accumulator &= value
            case 0x05: place += Int(value)
            case 0x15: place += Int(accumulator == value ? instruction.yes : instruction.no)
            case 0x25: place += Int(accumulator > value ? instruction.yes : instruction.no)
            case 0x35: place += Int(accumulator >= value ? instruction.yes : instruction.no)
            case 0x45: place += Int(accumulator & value != 0 ? instruction.yes : instruction.no)
            case 0x06: return value
            default: return 0
            }
        }
        return 0
    }
}
