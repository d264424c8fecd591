/// A process to run; spec/01 §1.9.
///
/// Its result is the root mount as the process left it.
package struct ExecOperation: Hashable, Sendable {
    package var arguments: [String]
    /// `NAME=value`, in the order in which the process gets them.
    package var environment: [String]
    package var workingDirectory: String
    /// `user[:group]` as written; empty is root.
    package var user: String
    /// `mounts[0]` is the root (`ExecMount.root`), the others follow in the order in which they are made.
    package var mounts: [ExecMount]
    /// Empty is the default name of the sandbox.
    package var hostname = ""
    package var network = NetworkMode.sandbox
    package var security = SecurityMode.sandbox
    package var extraHosts: [ExtraHost] = []
    /// `NAME=value` for the proxy variables; they never count for the cache.
    package var proxyEnvironment: [String] = []
    package var secretEnvironment: [SecretVariable] = []
    package var devices: [DeviceRequest] = []
    package var limits = ProcessLimits()
    /// Exit codes that are a success; empty is 0 alone.
    package var validExitCodes: [Int32] = []

    /// A process with default network, security and limits.
    package init(
        arguments: [String],
        environment: [String] = [],
        workingDirectory: String = "/",
        user: String = "",
        mounts: [ExecMount] = [.root(input: 0)]
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.mounts = mounts
    }
}

/// Which network a process sees.
package enum NetworkMode: String, Hashable, Sendable {
    case sandbox
    case host
    case none
}

/// Whether a process is confined; `insecure` needs the entitlement `security.insecure`.
package enum SecurityMode: String, Hashable, Sendable {
    case sandbox
    case insecure
}

/// A line for `/etc/hosts`; the address does not count for the cache.
package struct ExtraHost: Hashable, Sendable {
    package var name: String
    package var address: String

    /// `name` at `address`, an IPv4 or IPv6 address.
    package init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}

/// An environment variable whose value is a secret.
package struct SecretVariable: Hashable, Sendable {
    package var name: String
    package var id: String
    /// Where the secret is missing, the variable is empty rather than the step a failure.
    package var optional: Bool

    /// The variable `name`, filled from the secret `id`.
    package init(name: String, id: String, optional: Bool) {
        self.name = name
        self.id = id
        self.optional = optional
    }
}

/// A device by its CDI name.
package struct DeviceRequest: Hashable, Sendable {
    package var name: String
    package var optional: Bool

    /// The device `name`, for instance `vendor.com/gpu=all`.
    package init(name: String, optional: Bool) {
        self.name = name
        self.optional = optional
    }
}

/// Limits of a process that count for the cache.
package struct ProcessLimits: Hashable, Sendable {
    package var ulimits: [Ulimit]
    /// The size of `/dev/shm` in bytes; `nil` is the sandbox's default.
    package var shmSize: Int64?
    /// The parent control group; empty is the default.
    package var cgroupParent: String

    /// The limits given; none by default.
    package init(ulimits: [Ulimit] = [], shmSize: Int64? = nil, cgroupParent: String = "") {
        self.ulimits = ulimits
        self.shmSize = shmSize
        self.cgroupParent = cgroupParent
    }
}

/// A resource limit of a process; −1 is unlimited.
package struct Ulimit: Hashable, Sendable {
    /// As in `nofile`.
    package var name: String
    package var soft: Int64
    package var hard: Int64

    /// The limit `name` with its soft and hard value.
    package init(name: String, soft: Int64, hard: Int64) {
        self.name = name
        self.soft = soft
        self.hard = hard
    }
}
