import Glibc

/// Things that must end or go when the test process does, also when it is killed.
enum Janitor {
    /// Runs a script of `sh` after the test process ended; `$1` and so on are `arguments`.
    static func afterTheTests(_ script: String, _ arguments: [String]) {
        let wait = "trap '' INT TERM HUP; cat >/dev/null; \(script)"
        _ = try? Spawn.start(
            ["/bin/sh", "-c", wait, "sh"] + arguments,
            environment: [Self.path],
            input: .lifeline
        )
    }

    /// A program that serves the tests and ends with them, or earlier with `stop`.
    struct Service: ~Copyable {
        private let child: Spawn.Child

        /// The line that it wrote when it was ready.
        let greeting: String

        /// Starts `line` and returns when it wrote a line that contains `ready`.
        init(_ line: [String], ready: String, environment: [String] = []) throws {
            // Shown up to the line that is waited for, then thrown away, so that no full pipe ever stops the service.
            let script = """
                ready=$1; shift
                { "$@" 2>&1 | { sed -u "/$ready/q"; exec cat >/dev/null; }; } &
                trap '' INT TERM HUP; cat >/dev/null; kill -TERM 0; wait
                """
            let child = try Spawn.start(
                ["/bin/sh", "-c", script, "sh", ready] + line,
                environment: [Janitor.path, "HOME=/nonexistent"] + environment,
                input: .lifeline
            )
            let greeting = try Self.readLine(with: ready, from: child, name: line[0])
            self.child = child
            self.greeting = greeting
        }

        /// Ends the program and waits for its end.
        consuming func stop() {
            if let lifeline = child.lifeline { close(lifeline) }
            waitpid(child.pid, nil, 0)
        }

        private static func readLine(with ready: String, from child: Spawn.Child, name: String) throws -> String {
            var said = ""
            while true {
                var waiting = [child.output, child.errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                guard poll(&waiting, 2, 60_000) > 0 else {
                    throw Command.Failure.tooSlow(name, seconds: 60, errors: said)
                }
                var buffer = [UInt8](repeating: 0, count: 1 << 14)
                for entry in waiting where entry.revents != 0 {
                    let count = read(entry.fd, &buffer, buffer.count)
                    guard count != 0 else { throw Command.Failure.tooSlow(name, seconds: 0, errors: said) }
                    said += String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
                }
                if let line = said.split(separator: "\n").first(where: { $0.contains(ready) }) { return String(line) }
            }
        }
    }

    private static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
