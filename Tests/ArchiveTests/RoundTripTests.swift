import Archive
import LinuxSystem
import OCI
import TestRandomness
import Testing

/// Trees that look random, written and read back.
@Suite struct RoundTripTests {
    /// Makes, changes and removes names at random.
    private func scramble(_ tree: SharedDirectory, steps: Int, _ numbers: inout Randomness) throws {
        for step in 0..<steps {
            let existing = try tree.paths()
            let folders = [""] + existing.filter { $0.hasSuffix("/") }
            let parent = Path(folders.randomElement(using: &numbers) ?? "")
            let name = parent.appending("n\(Int.random(in: 0..<30, using: &numbers))")
            let present = try tree.status(name)
            switch Int.random(in: 0..<8, using: &numbers) {
            case 0, 1, 2:
                if present?.kind == .directory { continue }
                try tree.directory.removeTree(name)
                let size = Int.random(in: 0..<3000, using: &numbers)
                try tree.write(String(repeating: "\(step % 10)", count: size), to: name, seconds: Int64(step))
            case 3:
                if present == nil { try tree.directory.makeDirectory(name, mode: 0o700 | UInt32(step & 0o77)) }
            case 4:
                if present == nil { try tree.directory.symlink(target: Path("to/\(step)"), at: name) }
            case 5:
                if let present, present.kind != .symlink {
                    try tree.directory.setPermissions(name, 0o700 | UInt32(step & 0o77))
                }
            case 6:
                let files = existing.filter { !$0.hasSuffix("/") }
                if present == nil, let file = files.randomElement(using: &numbers) {
                    try tree.directory.link(Path(file), to: name)
                }
            default:
                if present != nil { try tree.directory.removeTree(name) }
            }
        }
    }

    /// What a tar header shows of a tree, in canonical bytes.
    private func picture(_ tree: SharedDirectory) throws -> [UInt8] {
        try diff(tree)
    }

    @Test(arguments: 0..<12)
    func aTreeComesBackFromItsLayer(_ seed: UInt64) throws {
        var numbers = Randomness(seed: seed)
        let scratch = try Scratch()
        let tree = try scratch.make("tree")
        try scramble(tree, steps: 80, &numbers)
        let layer = try picture(tree)
        let copy = try scratch.make("copy")
        let report = try unpack(layer, into: copy)
        #expect(try picture(copy) == layer)
        #expect(report.diffID == Digest.sha256(of: layer))
        #expect(report.changes.impliedDirectories.isEmpty && report.changes.missingLinks.isEmpty)
    }

    @Test(.enabled(if: isRoot, "needs root to mount overlays"), arguments: 0..<12)
    func aLayerTurnsTheParentIntoTheChangedTree(_ seed: UInt64) throws {
        var numbers = Randomness(seed: seed &+ 1000)
        let scratch = try Scratch()
        let base = try scratch.make("base")
        try scramble(base, steps: 60, &numbers)
        let upper = try scratch.make("upper")
        _ = try scratch.make("work")
        let lower = [scratch.path.appending("base")]
        let mount = try DetachedMount.overlay(
            .init(
                lower: lower,
                upper: scratch.path.appending("upper"),
                work: scratch.path.appending("work"),
                userxattr: false
            )
        )
        let merged = SharedDirectory(try mount.root.duplicate())
        try scramble(merged, steps: 60, &numbers)
        let expected = try picture(merged)

        let layer = try diff(upper, over: base)
        let unpacked = try scratch.make("unpacked")
        try unpack(layer, into: unpacked)
        let layers = [scratch.path.appending("unpacked")] + lower
        let again = try DetachedMount.overlay(.init(lower: layers, userxattr: false))
        #expect(try entries(of: again.root) == entries(of: expected))
        // A whole tree and an upper directory give the same layer.
        #expect(try diff(merged, over: base, complete: true) == layer)
    }

    /// Entries without what a layer does not keep: links between changed and unchanged names, and times of directories.
    private func entries(of archive: [UInt8]) throws -> [String] {
        var seen: [Path: (TarEntry, String)] = [:]
        return try read(archive).map { entry, content in
            var (shown, text) = (entry, content)
            if entry.kind == .hardLink, let target = entry.linkTarget, let first = seen[target] {
                (shown, text) = first
            }
            if shown.kind == .directory { shown.modified = FileTime(seconds: 0) }
            seen[entry.path] = (shown, text)
            let target = shown.linkTarget ?? ""
            return "\(entry.path) \(shown.kind) \(shown.permissions) \(shown.modified.seconds) \(target) \(text)"
        }
    }

    private func entries(of directory: borrowing Directory) throws -> [String] {
        try entries(of: picture(SharedDirectory(try directory.duplicate())))
    }

    @Test func manySmallFilesComeBack() throws {
        let files = (0..<2000).map { file(Path("d\($0 / 50)/f\($0)"), String(repeating: "x", count: $0)) }
        let scratch = try Scratch()
        let root = try scratch.make("root")
        let report = try unpack(tar(files), into: root)
        #expect(report.changes.impliedDirectories.count == 40)
        #expect(try root.paths().count == 2040)
        #expect(try root.status("d39/f1999")?.size == 1999)
    }
}
