import LinuxSystem
import Sandbox
import Storage

/// The seccomp program, generated once (13 ms) and kept in the cache directory.
enum SeccompCache {
    /// The program of the standard profile, or of that for steps without namespaces.
    static func program(
        _ cache: CacheDirectory,
        _ confinement: SeccompProfile.Confinement = .namespaces
    ) throws -> [UInt8] {
        let name = Path("seccomp-v\(SeccompProfile.version)-\(confinement.rawValue).bpf")
        return try program(name, in: cache) { () throws(SandboxError) in
            let capabilities: Capabilities = confinement == .chroot ? .confined : .standard
            return try SeccompProfile.program(confinement, capabilities: capabilities)
        }
    }

    /// A program that notifies of what the ledger answers.
    static func program(_ cache: CacheDirectory, _ ledger: LedgerProgram) throws -> [UInt8] {
        let name = Path("ledger-v\(LedgerProgram.version)-\(ledger.rawValue).bpf")
        return try program(name, in: cache) { () throws(SandboxError) in try ledger.program() }
    }

    /// A program by the name it is kept under.
    ///
    /// Where the directory cannot keep it, it is generated anew.
    private static func program(
        _ name: Path,
        in cache: CacheDirectory,
        _ generate: () throws(SandboxError) -> [UInt8]
    ) throws -> [UInt8] {
        // A classic BPF program is instructions of eight bytes.
        if let bytes = try? cache.directory.readFile(name, limit: 1 << 20), !bytes.isEmpty, bytes.count % 8 == 0 {
            return bytes
        }
        let program = try generate()
        try? cache.directory.replaceFile(name, with: program)
        return program
    }
}
