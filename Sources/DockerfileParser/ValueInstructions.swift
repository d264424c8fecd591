/// `ARG`: declares build arguments, in a stage or for all `FROM` lines.
package struct ArgInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The declarations, evaluated from left to right.
    package var declarations: [ArgDeclaration]
}

/// One name of an `ARG`.
package struct ArgDeclaration: Hashable, Sendable {
    /// The name, never expanded.
    package var name: String
    /// The text after `=`, unexpanded, or nil where there is no `=`.
    package var defaultValue: String?
    /// The description from a `# <name> <description>` comment above, or nil.
    package var description: String?
}

/// `ENV`: sets environment variables.
package struct EnvInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The pairs, all expanded with the environment before the instruction.
    package var pairs: [KeyValue]
    /// Whether the form `ENV key value` was used.
    package var isLegacy: Bool
}

/// `LABEL`: sets labels of the image.
package struct LabelInstruction: Hashable, Sendable {
    package var origin: Origin
    package var pairs: [KeyValue]
    /// Whether the form `LABEL key value` was used.
    package var isLegacy: Bool
}

/// `EXPOSE`: declares ports.
package struct ExposeInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The words as strings in sorted order, unexpanded; see ``PortSpecification``.
    package var ports: [String]
}

/// `USER`: the user of later steps and of the container.
package struct UserInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The rest of the line, unexpanded.
    package var user: String
}

/// `STOPSIGNAL`: the signal that stops the container.
package struct StopSignalInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The rest of the line, unexpanded; see ``StopSignal``.
    package var signal: String
}

/// `MAINTAINER`: the author, deprecated.
package struct MaintainerInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The rest of the line, never expanded.
    package var author: String
}
