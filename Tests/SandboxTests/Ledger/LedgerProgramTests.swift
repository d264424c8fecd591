import CSeccomp
import LinuxSystem
import Testing

@testable import Sandbox

struct LedgerProgramTests {
    @Test("the program is complete instructions, and short enough for the kernel")
    func size() throws {
        let program = try LedgerProgram.program()
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

    @Test("numbers of devices are those of mknod(2)")
    func devices() {
        // makedev(259, 70000)
        let number: UInt32 = 259 << 8 | 70000 & 0xff | (70000 & ~0xff) << 12
        let device = OwnerRecord.Device(isBlock: true, number: number)
        #expect(device == OwnerRecord.Device(isBlock: true, major: 259, minor: 70000))
    }
}
