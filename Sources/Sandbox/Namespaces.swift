/// Which namespaces a step has for itself, as clone(2) takes them.
package struct Namespaces: OptionSet, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let mount = Namespaces(rawValue: 0x0002_0000)
    package static let cgroup = Namespaces(rawValue: 0x0200_0000)
    package static let hostname = Namespaces(rawValue: 0x0400_0000)
    package static let ipc = Namespaces(rawValue: 0x0800_0000)
    package static let process = Namespaces(rawValue: 0x2000_0000)
    package static let network = Namespaces(rawValue: 0x4000_0000)

    package var description: String {
        let names: [(Namespaces, String)] = [
            (.mount, "mount"), (.cgroup, "cgroup"), (.hostname, "uts"), (.ipc, "ipc"), (.process, "pid"),
            (.network, "net"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
