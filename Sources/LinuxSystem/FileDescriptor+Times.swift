import Glibc

extension FileDescriptor {
    /// Sets the modification and access time of the open file.
    package func setTimes(modified: FileTime) throws(SystemError) {
        let time = timespec(tv_sec: Int(modified.seconds), tv_nsec: Int(modified.nanoseconds))
        _ = try libraryCall("change times") {
            withUnsafePointer(to: (time, time)) { pair in
                pair.withMemoryRebound(to: timespec.self, capacity: 2) { futimens(raw, $0) }
            }
        }
    }
}
