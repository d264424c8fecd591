/// A file of `/etc/cdi`: devices of one kind, and what a step that asks for one is given (CNCF's Container Device
/// Interface).
struct DeviceSpecification: Decodable {
    /// What a container gets.
    struct Edits: Decodable {
        var env: [String]?
        var deviceNodes: [Node]?
        var mounts: [Mount]?
        var additionalGids: [UInt32]?
        /// Programs of the machine that a container runtime would run.
        var hooks: [Hook]?
    }

    struct Node: Decodable {
        /// Where the step finds it.
        var path: String
        /// Where it is on this machine; nil for the same place.
        var hostPath: String?
    }

    struct Mount: Decodable {
        var hostPath: String
        var containerPath: String
        var options: [String]?
    }

    struct Hook: Decodable {
        var path: String
    }

    struct Device: Decodable {
        var name: String
        var annotations: [String: String]?
        var containerEdits: Edits?
    }

    /// `vendor.com/class`.
    var kind: String
    var devices: [Device]
    var annotations: [String: String]?
    /// For each device of the file.
    var containerEdits: Edits?
}
