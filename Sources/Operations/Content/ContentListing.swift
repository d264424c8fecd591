import BuildGraph
import LinuxSystem
import Storage

/// Lists what is visited of a local directory, as it entered a digest of this build; where it has changed since, there is no
/// listing.
struct ContentListing: SourceVisitor {
    private let lister: ContentLister
    private let tree: SourceTree
    /// Where the walked item is in the tree.
    private let base: Path
    /// Whether the item itself is left out, if it is a directory.
    private let omitsRoot: Bool

    init(_ lister: ContentLister, _ tree: SourceTree, _ item: SourceSelection.Item, omitsRoot: Bool) {
        self.lister = lister
        self.tree = tree
        base = item.path
        self.omitsRoot = omitsRoot
    }

    /// Lists what `selectors` select.
    static func list(
        _ selectors: [ContentSelector],
        of tree: SourceTree,
        _ lister: ContentLister,
        _ cancellation: CancellationFlag
    ) throws {
        for selector in selectors {
            let walk = try SourceWalk(selector, in: tree, cancellation)
            for item in try SourceSelection(selector, in: tree).items {
                var listing = ContentListing(lister, tree, item, omitsRoot: selector.contentsOnly)
                try walk.walk(item, &listing)
            }
        }
    }

    func enter(_ path: Path, _ status: FileStatus, _ directory: SharedDirectory) {
        if path.isEmpty, omitsRoot { return }
        lister.append(ContentEntry(base.appending(path), status))
    }

    func leave(_ path: Path, _ status: FileStatus) {}

    func visit(_ path: Path, _ status: FileStatus, name: Path, in parent: SharedDirectory) throws {
        let place = base.appending(path)
        switch status.kind {
        case .regular:
            guard let hash = tree.index?.hashed(place, status) else { return lister.abandon() }
            lister.append(ContentEntry(place, status, content: Array(hash.prefix(ContentEntry.digestSize))))
        case .symlink: lister.append(ContentEntry(place, status, content: try parent.directory.readLink(name).bytes))
        case .characterDevice, .blockDevice: lister.append(ContentEntry(place, status, content: status.deviceNumbers))
        case .fifo, .socket, .directory: lister.append(ContentEntry(place, status))
        }
    }
}

extension FileStatus {
    /// Major and minor number of a device node, as text.
    var deviceNumbers: [UInt8] { Array("\(deviceMajor):\(deviceMinor)".utf8) }
}
