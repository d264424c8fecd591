import LinuxSystem
import Testing

@testable import Sandbox

struct BinaryFormatTests {
    @Test func everyProcessorIsNamedOnce() {
        #expect(Set(BinaryFormat.all.map(\.architecture)).count == BinaryFormat.all.count)
        #expect(Set(BinaryFormat.all.map(\.machine)).count == BinaryFormat.all.count)
        #expect(BinaryFormat.named("arm64")?.emulator == "aarch64")
        #expect(BinaryFormat.named("z80") == nil)
    }

    @Test func aRegistrationComparesClassOrderTypeAndMachine() throws {
        let little = try #require(BinaryFormat.named("arm64"))
        #expect(
            little.registration(interpreter: "/usr/bin/q")
                == #":qemu-aarch64:M::\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"#
                + #":\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/q:OCF"#
        )
        let big = try #require(BinaryFormat.named("s390x"))
        let line = big.registration(interpreter: "/q")
        #expect(line.hasPrefix(#":qemu-s390x:M::\x7f\x45\x4c\x46\x02\x02\x01"#))
        #expect(line.contains(#"\x00\x02\x00\x16:"#) && line.contains(#"\xff\xfe\xff\xff:/q:OCF"#))
    }

    @Test func theNativeProgramRunsAndExitsWithZero() async throws {
        let native = try #require(BinaryFormat.all.first { $0.isNative })
        #expect(try await exit(of: native, through: nil) == .exited(0))
    }

    @Test(arguments: BinaryFormat.all.filter { Process.find("qemu-\($0.emulator)-static") != nil })
    func everyProgramRunsInItsEmulator(_ format: BinaryFormat) async throws {
        #expect(try await exit(of: format, through: "qemu-\(format.emulator)-static") == .exited(0))
    }

    private func exit(of format: BinaryFormat, through emulator: String?) async throws -> LinuxSystem.ExitStatus {
        let directory = Path("/tmp/swbuild-format-\(format.architecture)-\(UInt64.random(in: 0..<(1 << 48)))")
        try Directory.open("/").makeDirectories(directory)
        defer { try? Directory.open("/").removeTree(directory) }
        try Directory.open(directory).writeFile("program", format.program, mode: 0o755)
        let program = directory.appending("program").string
        let request = Process.Request(emulator ?? program, emulator == nil ? [] : [program])
        return try await Process.run(request).status
    }
}
