/// The rungs that were refused as the lines in which a build and `swbuild doctor` tell of them.
package struct RefusalList: Hashable, Sendable, CustomStringConvertible {
    package let refusals: [UserNamespace.Refusal]

    package init(_ refusals: [UserNamespace.Refusal]) {
        self.refusals = refusals
    }

    /// For each rung a line with what refused it, and one with the remedy where there is one; indented.
    package var lines: [String] {
        refusals.flatMap { refusal in
            let name = refusal.rung.mode.rawValue
            let padding = String(repeating: " ", count: 8 - name.utf8.count)
            let remedy = refusal.error.remedy.map { ["          remedy: \($0)"] } ?? []
            return ["  \(name)\(padding)\(refusal.error.reason)"] + remedy
        }
    }

    package var description: String { lines.joined(separator: "\n") }
}

extension IsolationRung {
    /// The mode that asks for this rung by name.
    package var mode: IsolationMode {
        switch self {
        case .range: .userns
        case .single: .single
        case .container: .chroot
        case .none: .auto
        }
    }
}
