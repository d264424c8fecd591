import CSeccomp
import LinuxSystem
import Testing

@testable import Sandbox

struct LedgerProgramTests {
    @Test("the program is complete instructions, and short enough for the kernel")
    func size() throws {
        let program = try LedgerProgram.owners.program()
        #expect(program.count % 8 == 0)
        #expect((100..<4096).contains(program.count / 8))
    }

    @Test("every architecture that runs here has its calls")
    func calls() {
        let native = seccomp_arch_native()
        let chown = seccomp_syscall_resolve_name_arch(native, "fchownat")
        let place = CallPlace(directory: 0, path: 1, flags: 4)
        #expect(
            LedgerProgram.call(architecture: native, number: chown)
                == .changeOwner(place, owner: 2, isNarrow: false)
        )
        for architecture in SeccompArchitecture.companions() where architecture != SeccompArchitecture.x32 {
            let narrow = seccomp_syscall_resolve_name_arch(architecture, "setuid")
            let wide = seccomp_syscall_resolve_name_arch(architecture, "setuid32")
            #expect(
                LedgerProgram.call(architecture: architecture, number: narrow) == .identity(.setuid, isNarrow: true)
            )
            #expect(LedgerProgram.call(architecture: architecture, number: wide) == .identity(.setuid, isNarrow: false))
        }
        let read = seccomp_syscall_resolve_name_arch(native, "read")
        #expect(LedgerProgram.call(architecture: native, number: read) == nil)
    }

    @Test("where devices alone are recorded, nothing is asked but what makes one, or shows one")
    func deviceCalls() throws {
        let (notified, allowed, refused): (UInt32, UInt32, UInt32) = (0x7fc0_0000, 0x7fff_0000, 0x0005_0001)
        let programs = try [LedgerProgram.newDevices, .devices, .noDevices].map { try FilterProgram($0.program()) }
        func decide(_ call: String, _ arguments: [UInt64] = []) -> [UInt32] {
            let number = UInt32(bitPattern: seccomp_syscall_resolve_name(call))
            return programs.map {
                $0.decide(number: number, architecture: seccomp_arch_native(), arguments: arguments)
            }
        }
        for kind: UInt64 in [0o020644, 0o060000] {
            #expect(decide("mknodat", [0, 0, kind, 0x801]) == [notified, notified, refused])
        }
        for kind: UInt64 in [0, 0o010644, 0o100000, 0o140000, 0o040000, 0o120000] {
            #expect(decide("mknodat", [0, 0, kind, 0]) == [allowed, allowed, allowed])
        }
        #expect(decide("statx") == [allowed, notified, allowed])
        for call in ["openat", "fchownat", "execve", "setuid", "getuid", "rename", "setxattr"] {
            #expect(decide(call, [0, 0, 0o100]) == [allowed, allowed, allowed], "\(call)")
        }
    }

    @Test("numbers of devices are those of mknod(2)")
    func devices() {
        // makedev(259, 70000)
        let number: UInt32 = 259 << 8 | 70000 & 0xff | (70000 & ~0xff) << 12
        let device = OwnerRecord.Device(isBlock: true, number: number)
        #expect(device == OwnerRecord.Device(isBlock: true, major: 259, minor: 70000))
    }
}
