import LinuxSystem

/// One `--ssh` (spec/02 §2.4).
package struct SSHSpecification: Hashable, Sendable {
    package let id: String
    /// A socket, or files with private keys; which of them shows when they are looked at.
    package let paths: [String]

    /// Understands `ID[=SOCKET|KEY[,KEY…]]`; without a path the caller's own agent is meant.
    package init(parsing text: String, environment: [String: String]) throws(OptionError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        id = parts.first ?? ""
        let given = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
        if id.isEmpty { throw .invalidValue(option: "--ssh", value: text, reason: "id is missing") }
        guard given.isEmpty else {
            paths = given
            return
        }
        guard let socket = environment["SSH_AUTH_SOCK"], !socket.isEmpty else {
            throw .conflicting("invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set")
        }
        paths = [socket]
    }

    /// What the paths are; throws where one is not there, or where a socket is not alone.
    func source() throws(OptionError) -> Source {
        var sockets = 0
        for path in paths {
            do throws(SystemError) {
                if try FileStatus.of(Path(path)).kind == .socket { sockets += 1 }
            } catch {
                throw .conflicting("failed to stat \(path): \(SystemError.reason(error.code))")
            }
        }
        if sockets == 0 { return .keys }
        guard paths.count == 1 else { throw .conflicting("--ssh \(id): only single socket allowed") }
        return .socket
    }

    /// What can be behind an id.
    enum Source {
        case socket
        case keys
    }
}
