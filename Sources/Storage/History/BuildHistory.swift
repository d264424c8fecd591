import LinuxSystem
import OCI

/// The records of past builds, in `history`: a file for each build, another for its log if it has one, and the listings
/// of contents that its keys are made of.
///
/// A file is there whole or not at all. Nothing is synced: what a lost machine leaves of a record is dropped.
package struct BuildHistory: Sendable {
    /// How many builds are kept; as many again as `slack` may be there for a while.
    package static let count = 50
    private static let slack = 10
    /// What records, logs and listings may take together, in bytes.
    package static let size: Int64 = 64 << 20
    /// A larger record is not written, and none is read, in bytes.
    private static let recordLimit = 16 << 20

    /// A record's file.
    package struct Entry: Hashable, Sendable {
        /// The name without its ending: the time in nanoseconds since 1970 as 16 hexadecimal digits, `-`, the id.
        let name: String
        package var id: String { String(name.dropFirst(17)) }
    }

    /// Holds `history`.
    private let root: SharedDirectory
    package let listings: ContentListings

    init(_ root: consuming Directory) {
        self.root = SharedDirectory(root)
        listings = ContentListings(self.root)
    }

    /// The history below a cache directory that is not otherwise used; nil where there is none.
    package static func open(_ cache: Path) throws -> BuildHistory? {
        do throws(SystemError) {
            let directory = try Directory.open(cache)
            guard try directory.statusIfExists("history") != nil else { return nil }
            return BuildHistory(directory)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// Twenty-five random letters and digits.
    package static func makeID() -> String {
        String((0..<25).map { _ in "0123456789abcdefghijklmnopqrstuvwxyz".randomElement() ?? "0" })
    }

    /// Keeps a record, and its log if there is one; removes the oldest ones where there are too many.
    package func store(_ record: BuildRecord, log: [HistoryLogEntry]) throws {
        let bytes = record.encoded()
        guard bytes.count <= BuildHistory.recordLimit else { return }
        let time = UInt64(clamping: record.startedAt.seconds) * 1_000_000_000 + UInt64(record.startedAt.nanoseconds)
        let digits = String(time, radix: 16)
        let name = String(repeating: "0", count: max(0, 16 - digits.count)) + digits + "-" + record.id
        if !log.isEmpty {
            let log = try HistoryLog.encoded(log)
            try root.directory.openDirectory("history").replaceFile(Path(name + ".log"), with: log)
        }
        try root.directory.openDirectory("history").replaceFile(Path(name + ".json"), with: bytes)
        let isAllHit = !record.steps.contains { $0.outcome == .ran && $0.key != nil }
        let present = try entries()
        if present.count > BuildHistory.count + BuildHistory.slack || !isAllHit { try trim(present) }
    }

    /// All records, the newest first.
    package func entries() throws -> [Entry] {
        let names = try root.directory.openDirectory("history").entries().map(\.name.string)
        let records = names.filter { $0.hasSuffix(".json") && $0.utf8.count > 22 && !$0.hasPrefix(".") }
        return records.sorted(by: >).map { Entry(name: String($0.dropLast(5))) }
    }

    /// A record; nil where its file is of a newer version, and nil and gone where it is not whole.
    package func record(_ entry: Entry) throws -> BuildRecord? {
        guard let bytes = try? root.directory.readFile(path(entry, ".json"), limit: BuildHistory.recordLimit) else {
            return nil
        }
        let record = BuildRecord.decoded(bytes)
        if record == nil, !BuildRecord.isWhole(bytes) { try remove(entry) }
        return record
    }

    /// What the steps of a build wrote, as far as it was kept.
    package func log(_ entry: Entry) throws -> [HistoryLogEntry] {
        guard try root.directory.statusIfExists(path(entry, ".log")) != nil else { return [] }
        return try HistoryLog.decoded(try root.directory.openFile(path(entry, ".log"), [.readOnly, .noFollow]))
    }

    /// Removes records with their logs, and then the listings that no record is left for.
    package func remove(_ entries: [Entry]) throws {
        for entry in entries { try remove(entry) }
        try listings.keep(only: Set(try self.entries().flatMap(contents)), minimumAge: 0)
    }

    /// The bytes of records, logs and listings on disk.
    package func usage() throws -> Int64 {
        var meter = DiskMeter()
        return try meter.measure(try root.directory.openDirectory("history"))
    }

    private func remove(_ entry: Entry) throws {
        for ending in [".json", ".log"] { try root.directory.removeTree(path(entry, ending)) }
    }

    private func path(_ entry: Entry, _ ending: String) -> Path { Path("history").appending(entry.name + ending) }

    private func contents(_ entry: Entry) -> [String] {
        let bytes = try? root.directory.readFile(path(entry, ".json"), limit: BuildHistory.recordLimit)
        return bytes.map { BuildRecord.contents(inFile: $0) } ?? []
    }
}

// The bounds.
extension BuildHistory {
    /// Removes records, the oldest first, until the rest is within the bounds; `present` are all, the newest first.
    private func trim(_ present: [Entry]) throws {
        let sizes = try listings.sizes()
        var used: Int64 = 0
        var kept: Set<String> = []
        var last = 0
        for entry in present.prefix(BuildHistory.count) {
            let named = Set(contents(entry)).subtracting(kept)
            used += named.reduce(try size(of: entry)) { $0 + (sizes[$1] ?? 0) }
            if used > BuildHistory.size, last > 0 { break }
            kept.formUnion(named)
            last += 1
        }
        for entry in present[last...] { try remove(entry) }
        // Those of builds that are going on have no record yet.
        try listings.keep(only: kept, minimumAge: BuildHistory.abandonedAge)
        try removeLeftovers()
    }

    /// After so many seconds, what belongs to no record is not that of a build that is going on.
    private static let abandonedAge: Int64 = 24 * 3600

    /// Removes what processes left that were killed while they wrote.
    private func removeLeftovers() throws {
        let directory = try root.directory.openDirectory("history")
        let names = try directory.entries().map(\.name)
        let records = Set(names.map(\.string).filter { $0.hasSuffix(".json") })
        let now = FileTime.now.seconds
        for name in names where name.string != "contents" && !records.contains(name.string) {
            if name.string.hasSuffix(".log"), records.contains(name.string.dropLast(4) + ".json") { continue }
            guard let status = try directory.statusIfExists(name),
                now - status.modified.seconds >= BuildHistory.abandonedAge
            else { continue }
            try directory.removeTree(name)
        }
    }

    private func size(of entry: Entry) throws -> Int64 {
        try [".json", ".log"].reduce(0) { try $0 + (root.directory.statusIfExists(path(entry, $1))?.size ?? 0) }
    }
}
