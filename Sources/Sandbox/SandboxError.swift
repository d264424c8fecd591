import LinuxSystem

/// Why a step could not be set up, or its user not be found.
package enum SandboxError: Error, Hashable, Sendable {
    /// The spawner could not be started; `code` is an errno.
    case spawnerNotStarted(code: Int32)
    /// The spawner is gone, and its steps with it.
    case spawnerLost
    /// A plan could not be handed to the spawner.
    case planNotSent(code: Int32)
    /// The namespaces of a step could not be made.
    case namespacesRefused(Namespaces, code: Int32)
    /// A step of a plan failed; `action` completes "cannot".
    case stepFailed(action: String, code: Int32, detail: String, hint: String?)
    /// The seccomp program could not be generated; `code` is an errno.
    case seccompNotGenerated(code: Int32)
    /// The image's passwd file has no such name.
    case userNotFound(String)
    /// The image's group file has no such name.
    case groupNotFound(String)
    /// A numeric user or group that is no id.
    case idOutOfRange(String)
    /// A file of accounts of the image cannot be read, or is too large to be one.
    case accountsUnreadable(Path, reason: String)
    /// Something to be removed after a step could not be.
    case mountPointNotRemoved(SystemError)
}

extension SandboxError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .spawnerNotStarted(let code):
            "cannot start the process that runs steps: \(SystemError.reason(code))"
        case .spawnerLost:
            "the process that runs steps has ended unexpectedly"
        case .planNotSent(let code):
            "cannot hand a step to the process that runs it: \(SystemError.reason(code))"
        case .namespacesRefused(let namespaces, let code):
            "cannot make namespaces (\(namespaces)) for a step: \(SystemError.reason(code))"
        case .stepFailed(let action, let code, let detail, let hint):
            "cannot \(action): \(SystemError.reason(code))" + (detail.isEmpty ? "" : " (\(detail))")
                + (hint.map { "\nhint: \($0)" } ?? "")
        case .seccompNotGenerated(let code):
            "cannot generate the seccomp program: \(SystemError.reason(code))"
        case .userNotFound(let name):
            "unable to find user \(name): no matching entries in passwd file"
        case .groupNotFound(let name):
            "unable to find group \(name): no matching entries in group file"
        case .idOutOfRange(let text):
            "invalid user or group `\(text)`: ids are in range 0-4294967294"
        case .accountsUnreadable(let path, let reason):
            "cannot read `\(path)` of the image: \(reason)"
        case .mountPointNotRemoved(let cause):
            "cannot remove a mount point of the step: \(cause)"
        }
    }
}
