import LinuxSystem

/// The program of a `RUN` and who runs it.
package struct RunProcess: Hashable, Sendable {
    package var arguments: [String]
    /// `NAME=value`, with `PATH`; `HOME` is added where it is missing or empty.
    package var environment: [String]
    /// Absolute, inside the root.
    package var workingDirectory: Path
    package var user: StepUser
    package var limits: [ResourceLimit]
    /// `NAME=value` as bytes, after the others.
    package var secretEnvironment: [[UInt8]] = []

    package init(
        arguments: [String],
        environment: [String],
        workingDirectory: Path = "/",
        user: StepUser = .root,
        limits: [ResourceLimit] = []
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.limits = limits
    }

    /// The environment with the user's home as the last variable, unless there is one.
    var completeEnvironment: [String] {
        if environment.contains(where: { $0.hasPrefix("HOME=") && $0 != "HOME=" }) { return environment }
        if secretEnvironment.contains(where: { $0.starts(with: "HOME=".utf8) && $0.count > 5 }) {
            return environment.filter { $0 != "HOME=" }
        }
        return environment.filter { $0 != "HOME=" } + ["HOME=\(user.home)"]
    }
}

/// A user as the kernel and a program see it.
package struct StepUser: Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    /// The primary group, and supplementary ones.
    package var groups: [UInt32]
    package var home: String

    package init(uid: UInt32, gid: UInt32, groups: [UInt32]? = nil, home: String = "/") {
        self.uid = uid
        self.gid = gid
        self.groups = groups ?? [gid]
        self.home = home
    }

    /// The user of an image without accounts.
    package static let root = StepUser(uid: 0, gid: 0)
}
