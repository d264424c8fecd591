import LinuxSystem
import OCI
import Storage

/// Compares the files of two contents by their listings.
struct ContentComparison {
    /// So many changes are told one by one.
    static let limit = 10

    let listings: ContentListings

    /// The first changes, by path, and how many there are; nil where a listing is missing.
    func changes(from old: Digest, to new: Digest) throws -> (first: [FileChange], count: Int)? {
        var before: [Path: ContentEntry] = [:]
        guard listings.contains(new), try listings.read(old, { before[$0.path] = $0 }) else { return nil }
        var changes: [FileChange] = []
        var count = 0
        func add(_ more: [FileChange]) {
            changes += more
            count += more.isEmpty ? 0 : 1
            // Kept sorted and short from time to time: there may be as many as files.
            if changes.count > 1000 { changes = Self.first(changes) }
        }
        let isWhole = try listings.read(new) { entry in
            guard let known = before.removeValue(forKey: entry.path) else {
                return add([FileChange(path: entry.shownPath, kind: .added, old: nil, new: entry.text)])
            }
            add(Self.differences(known, entry))
        }
        guard isWhole else { return nil }
        for entry in before.values {
            add([FileChange(path: entry.shownPath, kind: .removed, old: entry.text, new: nil)])
        }
        return (Self.first(changes), count)
    }

    private static func first(_ changes: [FileChange]) -> [FileChange] {
        Array(changes.sorted { ($0.path, $0.kind.rawValue) < ($1.path, $1.kind.rawValue) }.prefix(limit))
    }

    private static func differences(_ old: ContentEntry, _ new: ContentEntry) -> [FileChange] {
        var changes: [FileChange] = []
        func note(_ kind: FileChange.Kind, _ before: String, _ after: String) {
            if before != after { changes.append(FileChange(path: new.shownPath, kind: kind, old: before, new: after)) }
        }
        guard old.kind == new.kind else {
            note(.kind, old.kind.shown, new.kind.shown)
            return changes
        }
        switch new.kind {
        case .regular where old.content != new.content || old.size != new.size:
            note(.content, old.text, new.text)
        case .symlink: note(.link, old.text, new.text)
        case .characterDevice, .blockDevice: note(.device, old.text, new.text)
        default: break
        }
        if new.kind != .symlink {
            note(.mode, String(old.permissions, radix: 8), String(new.permissions, radix: 8))
        }
        note(.owner, "\(old.uid):\(old.gid)", "\(new.uid):\(new.gid)")
        if old.attributes != new.attributes {
            note(.attributes, old.attributes.hexadecimal, new.attributes.hexadecimal)
        }
        return changes
    }
}

extension ContentEntry {
    fileprivate var shownPath: String { path.isEmpty ? "." : path.string }

    /// What is there, in a few words.
    fileprivate var text: String {
        switch kind {
        case .regular: "sha256:\(content.prefix(6).hexadecimal)"
        case .symlink, .characterDevice, .blockDevice: String(decoding: content, as: UTF8.self)
        case .directory, .fifo, .socket: kind.shown
        }
    }
}

extension FileKind {
    fileprivate var shown: String {
        switch self {
        case .regular: "file"
        case .directory: "directory"
        case .symlink: "link"
        case .characterDevice, .blockDevice: "device"
        case .fifo: "fifo"
        case .socket: "socket"
        }
    }
}

extension Collection where Element == UInt8 {
    fileprivate var hexadecimal: String {
        map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
