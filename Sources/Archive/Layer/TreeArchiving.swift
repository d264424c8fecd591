import LinuxSystem

/// How a tree is written as an archive.
package struct TreeOptions: Hashable, Sendable {
    /// A directory to put everything in, such as `linux_amd64`, or empty.
    ///
    /// It gets an entry of its own: 0755, 0:0, time 0.
    package var prefix: Path
    /// Seconds since 1970 that become the time of everything.
    package var epoch: Int64?
    /// Whether times keep their fractions of seconds, which not every reader understands.
    package var keepsFractions: Bool

    package init(prefix: Path = "", epoch: Int64? = nil, keepsFractions: Bool = false) {
        self.prefix = prefix
        self.epoch = epoch
        self.keepsFractions = keepsFractions
    }
}

/// Writes all that is below `root`, depth first by name, without an entry for the root and without the end of the archive.
///
/// Owners are kept as numbers, attributes all but overlayfs' own; times are rounded to the nearest second
/// (spec/04 §4.5) unless the options say otherwise.
/// Sockets are left out.
package func writeTree<Sink: ByteSink & ~Copyable>(
    _ root: borrowing Directory,
    to writer: inout TarWriter<Sink>,
    options: TreeOptions = TreeOptions(),
    cancellation: CancellationFlag? = nil
) throws {
    if !options.prefix.isEmpty {
        try writer.append(TarEntry(path: options.prefix, kind: .directory, permissions: 0o755))
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { buffer.deallocate() }
    var links = HardLinks()
    var walk = try TreeWalk(root)
    while let step = try walk.next() {
        try cancellation?.check()
        guard case .enter(let entry) = step, let header = try header(of: entry, in: walk.parent, options, &links) else {
            continue
        }
        if header.kind == .regular {
            try writer.appendFile(header, name: entry.name, in: walk.parent.directory, buffer)
        } else {
            try writer.append(header)
        }
    }
}

private func header(
    of entry: WalkEntry,
    in parent: SharedDirectory,
    _ options: TreeOptions,
    _ links: inout HardLinks
) throws -> TarEntry? {
    let path = options.prefix.appending(entry.path)
    guard var header = TarEntry(path, entry.status) else { return nil }
    let modified = entry.status.modified
    let rounded = modified.seconds + (modified.nanoseconds >= 500_000_000 ? 1 : 0)
    header.modified = options.keepsFractions ? modified : FileTime(seconds: options.epoch ?? rounded)
    header.extendedAttributes = try parent.directory.extendedAttributes(entry.name, .noSymlinks)
        .filter { !OverlayAttribute.isPrivate($0.name) }
    if header.kind == .symlink {
        // Links to links are written again, as BuildKit does.
        header.linkTarget = try parent.directory.readLink(entry.name, .noSymlinks)
    } else if let first = links.firstName(of: entry.status, at: path) {
        header.kind = .hardLink
        header.linkTarget = first
        header.size = 0
    }
    return header
}
