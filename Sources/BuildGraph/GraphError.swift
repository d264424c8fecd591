import OCI

/// Why vertices are not a graph.
package enum GraphError: Error, Hashable {
    case unknownInput(vertex: String, input: Digest)
    case noSuchInput(vertex: String, index: Int, count: Int)
}

extension GraphError: CustomStringConvertible {
    /// The message for the user.
    package var description: String {
        switch self {
        case .unknownInput(let vertex, let input):
            "cannot use `\(input)` as an input of `\(vertex)`: no such vertex before it"
        case .noSuchInput(let vertex, let index, let count):
            "cannot use input \(index) of `\(vertex)`: it has \(count) inputs"
        }
    }
}
