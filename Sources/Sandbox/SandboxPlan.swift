import LinuxSystem

/// Everything about one run of one program: a value that the C interpreter carries out without deciding anything.
package struct SandboxPlan: Hashable, Sendable {
    package var namespaces: Namespaces
    package var steps: [SandboxStep]
    /// The program, by path or by a name for the `PATH` of `environment`, and its arguments.
    package var arguments: [String]
    /// `NAME=value`; nothing else is inherited.
    package var environment: [String]
    /// `NAME=value` as bytes, after the others: secrets may be anything but text.
    package var secretEnvironment: [[UInt8]] = []

    package init(namespaces: Namespaces, steps: [SandboxStep], arguments: [String], environment: [String]) {
        self.namespaces = namespaces
        self.steps = steps
        self.arguments = arguments
        self.environment = environment
    }
}

extension SandboxPlan: CustomStringConvertible {
    /// One line per step, without the contents of files and the values of variables, which may be secret.
    package var description: String {
        let secrets = secretEnvironment.map { String(decoding: $0, as: UTF8.self) }
        let names = (environment + secrets).map { $0.prefix { $0 != "=" } }.joined(separator: " ")
        let lines = ["namespaces: \(namespaces)"] + steps.map(\.description)
        return (lines + ["variables: \(names)", "execute: \(arguments)"]).joined(separator: "\n")
    }
}
