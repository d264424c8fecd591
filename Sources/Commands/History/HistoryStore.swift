import LinuxSystem
import Storage

/// The records of this user's builds, for commands that do nothing but look at them.
struct HistoryStore: Sendable {
    /// Nil where nothing was ever built.
    let history: BuildHistory?

    /// The history of the cache directory that builds use.
    static func open() throws -> HistoryStore {
        guard let cache = CacheDirectory.defaultRoot(environment: Process.variable) else {
            return HistoryStore(history: nil)
        }
        return HistoryStore(history: try BuildHistory.open(cache))
    }

    /// The files of all records, the newest first.
    func entries() throws -> [BuildHistory.Entry] { try history?.entries() ?? [] }

    /// All records, the newest first.
    func records() throws -> [BuildRecord] { try entries().compactMap { try history?.record($0) } }

    /// The entry that a user names by an id, the beginning of one, or `^N`; the newest one where nothing is named.
    func entry(named name: String?) throws -> BuildHistory.Entry {
        let entries = try entries()
        guard let name, !name.isEmpty else {
            guard let first = entries.first else { throw OptionError.conflicting("no records found") }
            return first
        }
        if name.hasPrefix("^") {
            guard let offset = Int(name.dropFirst()), offset >= 0 else {
                throw OptionError.conflicting("invalid offset \"\(name)\"")
            }
            guard offset < entries.count else {
                throw OptionError.conflicting("no completed build found with offset \(offset)")
            }
            return entries[offset]
        }
        let matches = entries.filter { $0.id.hasPrefix(name) }
        guard let match = matches.first else {
            throw OptionError.conflicting("no record found for ref \"\(name)\"")
        }
        if matches.count > 1, match.id != name {
            throw OptionError.conflicting("\(matches.count) records have ids that begin with \"\(name)\"")
        }
        return match
    }

    /// The record in a file; throws where it cannot be read.
    func record(_ entry: BuildHistory.Entry) throws -> BuildRecord {
        guard let record = try history?.record(entry) else {
            throw OptionError.conflicting("the record of build \(entry.id) is damaged, or of a newer swbuild")
        }
        return record
    }

    /// The record that a user names.
    func record(named name: String?) throws -> BuildRecord { try record(try entry(named: name)) }

    /// What the steps of a build wrote.
    func log(_ entry: BuildHistory.Entry) throws -> [HistoryLogEntry] { try history?.log(entry) ?? [] }

    /// Removes records.
    func remove(_ entries: [BuildHistory.Entry]) throws { try history?.remove(entries) }
}
