import LinuxSystem
import OCI
import Sandbox

/// Why an operation failed.
package enum OperationError: HintedError, Hashable, Sendable {
    /// A path that a COPY or ADD names is not there, or the ignore pattern given hides it; `near` is a name that is there.
    case sourceNotFound(String, ignoredBy: String? = nil, near: String? = nil)
    case changedDuringBuild(String)
    case fileOverDirectory(String)
    case directoryOverFile(String)
    /// A step's process ended with a status that is no success.
    case exitStatus(arguments: [String], code: Int32)
    case killed(arguments: [String], signal: Int32)
    case cannotStart(arguments: [String], reason: String)
    case unknownUser(arguments: [String], reason: String)
    case secretMissing(String)
    case secretTooBig(String)
    case secretHoldsZero(String)
    case secretUnreadable(id: String, reason: String)
    case agentMissing(String)
    case sshAgent(String)
    case sshKey(path: String, reason: String)
    case sshProgramMissing(String)
    case controlGroup(parent: String, reason: String)
    /// No device of this name; `unread` is a file that might describe it.
    case deviceMissing(String, unread: String?)
    case deviceSpecification(path: String, reason: String)
    /// A file or directory of authorities for steps that cannot be used.
    case certificates(path: String, reason: String)
    case entitlement(String)
    case unsupported(String)
    /// Something that only namespaces can give, asked for where there are none.
    case needsNamespaces(String)
    /// The device files of a step cannot be used here.
    case noDevices(reason: String)
    case notAnImage(reference: String, reason: String)
    case digestMismatch(expected: String, actual: String)
    case git(arguments: [String], message: String)
    case gitMissing
    case gitReference(url: String, reference: String)
    case gitChecksum(expected: String, actual: String)
    case gitFetchByCommit
    /// A context that begins as compressed data and is no archive.
    case notAnArchive
    case subdirectory(String)
    case unknownLocal(String)
    /// No rung is possible on which a step could run.
    case stepsNeedIsolation(RefusalList)
    /// The step's programs are for another processor, and nothing runs them.
    case emulator(EmulatorError)
}

extension OperationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sourceNotFound(let path, let pattern?, _):
            "\"\(path)\": not found (excluded by the ignore pattern `\(pattern)`)"
        case .sourceNotFound(let path, nil, let near):
            "\"\(path)\": not found" + (near.map { " (did you mean \($0)?)" } ?? "")
        case .changedDuringBuild(let name): "`\(name)` changed while it was being copied"
        case .fileOverDirectory(let path): "cannot replace to directory \(path) with file"
        case .directoryOverFile(let path): "cannot copy to non-directory: \(path)"
        case .exitStatus(let arguments, let code): "\(Self.process(arguments)): exit code: \(code)"
        case .killed(let arguments, let signal): "\(Self.process(arguments)): exit code: \(128 + signal)"
        case .cannotStart(let arguments, let reason), .unknownUser(let arguments, let reason):
            "\(Self.process(arguments)): \(reason)"
        case .secretMissing(let id): "secret \(id): not found"
        case .secretTooBig(let id): "secret \(id) too big. max size 500KB"
        case .secretHoldsZero(let id): "secret \(id) cannot be an environment variable: it holds a zero byte"
        case .secretUnreadable(let id, let reason): "cannot read secret \(id): \(reason)"
        case .agentMissing(let id): "unset ssh forward key \(id)"
        case .sshAgent(let message): "cannot start ssh-agent: \(message)"
        case .sshKey(let path, let reason): "cannot use the ssh key `\(path)`: \(reason)"
        case .sshProgramMissing(let name): "cannot serve ssh keys: there is no program `\(name)`"
        case .controlGroup(let parent, let reason): "cannot put a step below control group `\(parent)`: \(reason)"
        case .deviceMissing(let name, _): "no device `\(name)` is described in /etc/cdi or /var/run/cdi"
        case .deviceSpecification(let path, let reason): "cannot use the device of `\(path)`: \(reason)"
        case .certificates(let path, let reason): "cannot use the certificates of `\(path)`: \(reason)"
        case .entitlement(let name): "\(name) is not allowed"
        case .unsupported(let what): "\(what) is not supported yet"
        case .needsNamespaces(let what): "\(what) needs namespaces, which this container refuses"
        case .noDevices(let reason): "cannot use device files below the cache directory: \(reason)"
        case .notAnImage(let reference, let reason): "cannot use `\(reference)` as an image: \(reason)"
        case .digestMismatch(let expected, let actual): "digest mismatch \(actual): \(expected)"
        case .git(let arguments, let message): "git \(arguments.joined(separator: " ")) failed: \(message)"
        case .gitMissing: "cannot fetch a Git repository: there is no program `git`"
        case .gitReference(let url, let reference): "repository `\(url)` does not contain ref `\(reference)`"
        case .gitChecksum(let expected, let actual): "expected checksum to match \(expected), got \(actual)"
        case .notAnArchive: "the build context is compressed, but is no tar archive"
        case .gitFetchByCommit: "fetch-by-commit requires a full commit as checksum"
        case .subdirectory(let path): "cannot use subdirectory `\(path)`: not a directory of the repository"
        case .unknownLocal(let name): "no directory is known as `\(name)`"
        case .emulator(let error): "\(error)"
        case .stepsNeedIsolation(let list): "RUN steps cannot be kept apart from this machine here\n\(list)"
        }
    }

    /// What the user may do about it, where there is something.
    package var hint: String? {
        switch self {
        case .sourceNotFound(_, .some, _): "take the pattern out of the ignore file, or re-include the path with `!`"
        case .changedDuringBuild: "run the build again when nothing writes to the context"
        case .entitlement(let name): "allow it with `--allow \(name)`"
        case .secretHoldsZero: "mount it as a file, without `env=`"
        case .agentMissing("default"): "forward your agent with `--ssh default`"
        case .agentMissing(let id): "give an agent or a key with `--ssh \(id)=PATH`"
        case .sshProgramMissing: "install OpenSSH's client programs, or forward a running agent"
        case .controlGroup: "leave out `--cgroup-parent`, or have a control group delegated to this user"
        case .deviceMissing(_, let unread?):
            "`\(unread)` is not read: write it in JSON (`nvidia-ctk cdi generate --format=json`)"
        case .deviceMissing: "leave out `required` where the step can do without"
        case .certificates: "give a file of certificates in PEM form with `--ca-certificates FILE`"
        case .gitMissing: "install git"
        case .needsNamespaces:
            "run the container with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`"
        case .noDevices:
            "put the cache directory (`XDG_CACHE_HOME`) on a file system without the mount option `nodev`"
        case .emulator(let error): error.hint
        case .stepsNeedIsolation: "`swbuild doctor` says more; a build without RUN needs none of this"
        default: nil
        }
    }

    package var culprit: String? {
        // As written it may have had a slash in front, or none.
        if case .sourceNotFound(let path, _, _) = self { String(path.trimmingPrefix("/")) } else { nil }
    }

    private static func process(_ arguments: [String]) -> String {
        "process \"\(arguments.joined(separator: " "))\" did not complete successfully"
    }
}
