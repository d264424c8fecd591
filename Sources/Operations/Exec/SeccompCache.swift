import LinuxSystem
import Sandbox
import Storage

/// The seccomp program, generated once (13 ms) and kept in the cache directory.
enum SeccompCache {
    /// The program of the standard profile, or of that for steps without namespaces.
    ///
    /// Where the directory cannot keep it, it is generated anew.
    static func program(
        _ cache: CacheDirectory,
        _ confinement: SeccompProfile.Confinement = .namespaces
    ) throws -> [UInt8] {
        let name = Path("seccomp-v\(SeccompProfile.version)-\(confinement.rawValue).bpf")
        // A classic BPF program is instructions of eight bytes.
        if let bytes = try? cache.directory.readFile(name, limit: 1 << 20), !bytes.isEmpty, bytes.count % 8 == 0 {
            return bytes
        }
        let capabilities: Capabilities = confinement == .chroot ? .confined : .standard
        let program = try SeccompProfile.program(confinement, capabilities: capabilities)
        let temporary = Path("\(name).\(UInt32.random(in: 0...UInt32.max))")
        try? cache.directory.writeFile(temporary, program, mode: 0o600)
        try? cache.directory.rename(temporary, to: name)
        return program
    }
}
