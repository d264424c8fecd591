/// How the kernel knows the programs of a processor, and what runs them elsewhere.
package struct BinaryFormat: Hashable, Sendable {
    /// The processor, in Go's words: `arm64`.
    package let architecture: String
    /// The processor, in QEMU's words: `aarch64`.
    package let emulator: String
    /// `e_machine` of the ELF header.
    let machine: UInt16
    let is64Bit: Bool
    let isLittleEndian: Bool
    /// `e_flags` of a minimal program.
    let flags: UInt32
    /// Machine code that exits with status 0.
    let code: [UInt8]

    init(
        _ architecture: String,
        _ emulator: String,
        machine: UInt16,
        is64Bit: Bool = true,
        isLittleEndian: Bool = true,
        flags: UInt32 = 0,
        code: [UInt8]
    ) {
        self.architecture = architecture
        self.emulator = emulator
        self.machine = machine
        self.is64Bit = is64Bit
        self.isLittleEndian = isLittleEndian
        self.flags = flags
        self.code = code
    }

    /// The formats of Linux that images are made for.
    package static let all: [BinaryFormat] = [
        // mov eax, 60; xor edi, edi; syscall
        BinaryFormat("amd64", "x86_64", machine: 0x3e, code: [0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]),
        // mov eax, 1; xor ebx, ebx; int 0x80
        BinaryFormat("386", "i386", machine: 3, is64Bit: false, code: [0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80]),
        // mov x8, 93; mov x0, 0; svc 0
        BinaryFormat(
            "arm64",
            "aarch64",
            machine: 0xb7,
            code: [0xa8, 0x0b, 0x80, 0xd2, 0, 0, 0x80, 0xd2, 1, 0, 0, 0xd4]
        ),
        // mov r7, 1; mov r0, 0; svc 0 (EABI 5)
        BinaryFormat(
            "arm",
            "arm",
            machine: 0x28,
            is64Bit: false,
            flags: 0x0500_0000,
            code: [1, 0x70, 0xa0, 0xe3, 0, 0, 0xa0, 0xe3, 0, 0, 0, 0xef]
        ),
        // li a7, 93; li a0, 0; ecall
        BinaryFormat("riscv64", "riscv64", machine: 0xf3, code: [0x93, 8, 0xd0, 5, 0x13, 5, 0, 0, 0x73, 0, 0, 0]),
        // li r0, 1; li r3, 0; sc (ELF version 2)
        BinaryFormat(
            "ppc64le",
            "ppc64le",
            machine: 0x15,
            flags: 2,
            code: [1, 0, 0, 0x38, 0, 0, 0x60, 0x38, 2, 0, 0, 0x44]
        ),
        // lghi %r2, 0; svc 1
        BinaryFormat("s390x", "s390x", machine: 0x16, isLittleEndian: false, code: [0xa7, 0x29, 0, 0, 0x0a, 1]),
        // li v0, 5058; li a0, 0; syscall (n64)
        BinaryFormat(
            "mips64le",
            "mips64el",
            machine: 8,
            flags: 0x8000_0000,
            code: [0xc2, 0x13, 2, 0x24, 0, 0, 4, 0x24, 0x0c, 0, 0, 0]
        ),
        // ori a7, zero, 93; ori a0, zero, 0; syscall 0
        BinaryFormat(
            "loong64",
            "loongarch64",
            machine: 0x102,
            code: [0x0b, 0x74, 0x81, 3, 4, 0, 0x80, 3, 0, 0, 0x2b, 0]
        ),
    ]

    /// The format of a processor, in Go's words; nil where it is not known.
    package static func named(_ architecture: String) -> BinaryFormat? { all.first { $0.architecture == architecture } }

    /// Whether this machine's processor runs such programs itself.
    package var isNative: Bool {
        #if arch(x86_64)
        ["amd64", "386"].contains(architecture)
        #elseif arch(arm64)
        architecture == "arm64"
        #elseif arch(riscv64)
        architecture == "riscv64"
        #elseif arch(powerpc64le)
        architecture == "ppc64le"
        #elseif arch(s390x)
        architecture == "s390x"
        #else
        false
        #endif
    }
}

extension BinaryFormat {
    /// A whole program that exits with status 0: an ELF header, one segment, and the code.
    package var program: [UInt8] {
        var bytes = identification
        let header = is64Bit ? 64 : 52
        let segment = is64Bit ? 56 : 32
        let base: UInt64 = 0x40_0000
        let start = header + segment
        let size = UInt64(start + code.count)
        append(2, 2, to: &bytes)
        append(UInt64(machine), 2, to: &bytes)
        append(1, 4, to: &bytes)
        append(base + UInt64(start), word, to: &bytes)
        append(UInt64(header), word, to: &bytes)
        append(0, word, to: &bytes)
        append(UInt64(flags), 4, to: &bytes)
        for (value, size) in [(header, 2), (segment, 2), (1, 2), (0, 2), (0, 2), (0, 2)] {
            append(UInt64(value), size, to: &bytes)
        }
        // PT_LOAD, readable and executable; the flags stand before the offset in 64 bits and near the end in 32.
        append(1, 4, to: &bytes)
        if is64Bit { append(5, 4, to: &bytes) }
        for value in [0, base, base, size, size] { append(value, word, to: &bytes) }
        if !is64Bit { append(5, 4, to: &bytes) }
        append(0x1_0000, word, to: &bytes)
        return bytes + code
    }

    private var word: Int { is64Bit ? 8 : 4 }

    private var identification: [UInt8] {
        [0x7f] + Array("ELF".utf8) + [is64Bit ? 2 : 1, isLittleEndian ? 1 : 2, 1, 0] + [UInt8](repeating: 0, count: 8)
    }

    private func append(_ value: UInt64, _ size: Int, to bytes: inout [UInt8]) {
        let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        bytes += isLittleEndian ? little : little.reversed()
    }
}

extension BinaryFormat {
    /// The line that registers an emulator with the kernel (`binfmt_misc`).
    ///
    /// Compared are the header's class, byte order, type (a program or a shared object) and machine. The flags: the
    /// program is handed over open (O) with its own credentials (C), and the emulator is opened now (F), so that it
    /// need not be in the step's root.
    package func registration(interpreter: String) -> String {
        let magic = identification[..<7] + [UInt8](repeating: 0, count: 9) + halves(2) + halves(machine)
        var mask = [UInt8](repeating: 0xff, count: 16)
        mask[7] = 0
        let type: [UInt8] = isLittleEndian ? [0xfe, 0xff] : [0xff, 0xfe]
        return ":qemu-\(emulator):M::\(Self.escaped(magic)):\(Self.escaped(mask + type + [0xff, 0xff])):"
            + "\(interpreter):OCF"
    }

    private func halves(_ value: UInt16) -> [UInt8] {
        let little = [UInt8(value & 0xff), UInt8(value >> 8)]
        return isLittleEndian ? little : little.reversed()
    }

    private static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
