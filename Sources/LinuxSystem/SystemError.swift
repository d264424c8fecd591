import Glibc

/// A system call that failed: what was tried, on what, and the kernel's reason.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, as a verb: `open`, `read`, `mount overlay`.
    package let operation: String
    /// What it was tried on, as the caller gave it.
    package let path: Path?
    /// The `errno` value, positive.
    package let code: Int32
    /// More words of the kernel, such as the log of a mount context.
    package let detail: String?

    /// An error of `operation` with an `errno` value.
    package init(_ operation: String, _ path: Path? = nil, code: Int32, detail: String? = nil) {
        self.operation = operation
        self.path = path
        self.code = code
        self.detail = detail
    }

    /// The kernel's words for an `errno` value, in lower case: `no such file or directory`.
    package static func reason(_ code: Int32) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        let words = String(cString: text)
        // Keep words such as `RFS` as they are.
        guard let first = words.first, words.dropFirst().first?.isUppercase != true else { return words }
        return first.lowercased() + words.dropFirst()
    }

    package var description: String {
        let subject = path.map { " `\($0)`" } ?? ""
        let more = detail.map { " (\($0))" } ?? ""
        return "cannot \(operation)\(subject): \(SystemError.reason(code))\(more)"
    }

    /// Whether the name does not exist.
    package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }

    /// Whether the kernel or a policy refused, in contrast to a fault of the arguments.
    package var isPermission: Bool { code == EPERM || code == EACCES }
}

/// Runs a call that gives a count or `-errno`, again after a signal, and turns `-errno` into an error.
@inline(__always)
func kernelCall<T: SignedInteger>(
    _ operation: String,
    _ path: @autoclosure () -> Path? = nil,
    _ body: () -> T
) throws(SystemError) -> T {
    while true {
        let value = body()
        if value >= 0 { return value }
        if value == T(-EINTR) { continue }
        throw SystemError(operation, path(), code: Int32(-value))
    }
}

/// The same for a Glibc call that gives -1 and sets `errno`.
@inline(__always)
func libraryCall<T: SignedInteger>(
    _ operation: String,
    _ path: @autoclosure () -> Path? = nil,
    _ body: () -> T
) throws(SystemError) -> T {
    try kernelCall(operation, path()) {
        let value = body()
        return value < 0 ? T(-errno) : value
    }
}
