import Glibc
import Testing

/// What this machine offers to the tests.
enum Machine {
    static let isRoot = geteuid() == 0

    /// Whether control groups can be made.
    static let hasControlGroups =
        access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0 || access("/sys/fs/cgroup/pids/cgroup.procs", W_OK) == 0

    /// Why tests with other users, mounts or capabilities are left out without root.
    static let needsRoot: Comment = "needs root, to be another user, to mount or to give files away"

    /// The program under test where it was built: `SWBUILD_BINARY`, else the product beside the test bundle.
    static let original = environment("SWBUILD_BINARY") ?? bundleDirectory + "/swbuild"

    /// The program under test, copied to where every user may run it.
    static let swbuild: String = {
        let copy = Scratch.shared.path("swbuild")
        do {
            try Command.check("install", ["-m", "755", original, copy])
            return copy
        } catch { return original }
    }()

    /// Whether libraries can be put in front of the program under test.
    static let isDynamic = (try? Command.check("readelf", ["--dynamic", original]).contains("NEEDED")) ?? false

    /// Whether the kernel can keep a process from abstract sockets and processes of others (Landlock; 6.12).
    static let kernelHasScopes: Bool = {
        // Its answer is the version of the interface.
        typealias Call = @convention(c) (Int, Int, Int, Int) -> Int
        guard let symbol = dlsym(nil, "syscall") else { return false }
        return unsafeBitCast(symbol, to: Call.self)(444, 0, 0, 1) >= 6
    }()

    /// The static release binary, where one was built.
    static let releaseBinary: String? = {
        let candidates = [environment("SWBUILD_RELEASE_BINARY"), checkout + "/.build/release/swbuild"]
        return candidates.compactMap(\.self).first { access($0, X_OK) == 0 }
    }()

    /// The root of the checkout, found from this source file.
    static let checkout: String = {
        let file = (try? Command.check("realpath", [#filePath])) ?? #filePath
        return "/" + file.split(separator: "/").dropLast(4).joined(separator: "/")
    }()

    private static let bundleDirectory: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }()

    /// Whether a program is in one of the usual directories.
    static func has(_ program: String) -> Bool {
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains {
            access("\($0)/\(program)", X_OK) == 0
        }
    }

    /// An environment variable of the test run; nil where it is not set or empty.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
