import Testing

@testable import Sandbox

struct ProcessFileTests {
    @Test(
        "names of the process itself are known, by all their spellings",
        arguments: [
            ("/proc/self/status", .information("status")), ("/proc/thread-self/maps", .information("maps")),
            ("/proc/17/stat", .information("stat")), ("/proc/self/exe", .program),
            ("/proc/self/fd/0", .descriptor(0)), ("/proc//self/fd/12", .descriptor(12)),
            ("/dev/fd/63", .descriptor(63)), ("/dev/stdin", .descriptor(0)),
            ("/proc/self/cwd", .directory("cwd")), ("/proc/self/root", .directory("root")),
        ] as [(String, ProcessFile)]
    )
    func own(path: String, expected: ProcessFile) {
        #expect(ProcessFile(.init(path), process: 17) == expected)
    }

    @Test(
        "nothing else is answered: no directory, nothing of others, nothing that can be written to",
        arguments: [
            "", "/", "proc/self/status", "/proc", "/proc/self", "/proc/self/", "/proc/18/status", "/proc/1/root",
            "/proc/self/root/etc/passwd", "/proc/self/cwd/x", "/proc/self/mem", "/proc/self/ns/user", "/proc/self/fd",
            "/proc/self/fd/-1", "/proc/self/fd/x", "/proc/self/fd/1/2", "/proc/self/../1/environ",
            "/proc/../etc/passwd", "/proc/self/./status", "/proc/self/task/17/status", "/proc/self/map_files/0-1",
            "/proc/self/attr/current", "/proc/self/pagemap", "/proc/self/mounts", "/dev/fd", "/dev/fd/", "/dev/stdout",
            "/dev/null", "/dev/fd/../null",
        ]
    )
    func others(path: String) {
        #expect(ProcessFile(.init(path), process: 17) == nil)
    }
}
