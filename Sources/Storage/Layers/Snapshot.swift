import OCI

/// The name of a layer: one directory of changes.
///
/// Twelve lower-case hexadecimal digits.
package struct LayerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let name: String

    /// A layer's name; `nil` if it does not have the shape of one.
    package init?(_ name: String) {
        guard name.utf8.count == 12, name.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }) else {
            return nil
        }
        self.name = name
    }

    /// A fresh name.
    init() {
        name = randomName()
    }

    package var description: String { name }

    package static func < (left: LayerID, right: LayerID) -> Bool { left.name < right.name }
}

/// The state of a filesystem: layers stacked upon each other.
///
/// A layer is a directory that knows nothing of those below it. So an image is the list of its layers, and a merge
/// is the lists after each other.
package struct Snapshot: Hashable, Sendable, CustomStringConvertible {
    /// Bottom first.
    package let layers: [LayerID]

    /// A snapshot of layers, bottom first.
    package init(layers: [LayerID]) {
        self.layers = layers
    }

    /// No files at all.
    package static let empty = Snapshot(layers: [])

    package var isEmpty: Bool { layers.isEmpty }

    /// This snapshot with one more layer on top.
    package func appending(_ layer: LayerID) -> Snapshot {
        Snapshot(layers: layers + [layer])
    }

    /// This snapshot with the layers of another one on top; a repeated layer counts where it is topmost.
    package func merging(_ other: Snapshot) -> Snapshot {
        let above = Set(other.layers)
        return Snapshot(layers: layers.filter { !above.contains($0) } + other.layers)
    }

    /// A stable name of the whole stack.
    package var digest: Digest { Digest.sha256(of: description) }

    /// The layers' names, bottom first, with commas; the form in the database.
    package var description: String { layers.map(\.name).joined(separator: ",") }

    /// Reads the form in the database; `nil` if it is none.
    package init?(parsing text: String) {
        var layers: [LayerID] = []
        for name in text.split(separator: ",") {
            guard let layer = LayerID(String(name)) else { return nil }
            layers.append(layer)
        }
        self.layers = layers
    }
}
