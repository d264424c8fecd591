import ArgumentParser
import LinuxSystem
import OCI
import Storage

/// `swbuild cache ls`: the cache mounts that are there.
package struct CacheListCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List cache mounts: their size, when they were used and how they are shared."
    )

    @Flag(help: "Write one JSON object for each.")
    var json = false

    package init() {}

    /// To be called on the main thread while it is the only one.
    package func run() throws {
        let isJSON = json
        try CacheSession.run { session in
            let mounts = session.cache.mounts
            let rows = try mounts.volumes().map { volume in
                var volume = volume
                volume.size = try mounts.measure(volume)
                return Row(volume: volume, isInUse: try mounts.isInUse(volume))
            }
            let sorted = rows.sorted { ($0.volume.id, $0.volume.name) < ($1.volume.id, $1.volume.name) }
            try StandardStream.output.write(Array((isJSON ? Self.json(sorted) : Self.table(sorted)).utf8))
        }
    }

    private struct Row {
        let volume: CacheVolume
        let isInUse: Bool
    }

    private static func table(_ rows: [Row]) -> String {
        var table = TextTable(padding: 4, titles: ["ID", "VOLUME", "SIZE", "LAST USED", "IN USE", "SHARING"])
        let now = FileTime.now.seconds
        for row in rows {
            let volume = row.volume
            table.append([
                volume.id, volume.name, HumanText.size(volume.size), ShownTime.ago(now - volume.lastUsed),
                "\(row.isInUse)", volume.sharing?.rawValue ?? "imported",
            ])
        }
        return table.text
    }

    private static func json(_ rows: [Row]) -> String {
        rows.map { row in
            let volume = row.volume
            let object = JSONText.object([
                ("ID", .string(volume.id)), ("InUse", .bool(row.isInUse)),
                ("LastUsedAt", .string(Timestamp(seconds: volume.lastUsed, nanoseconds: 0).description)),
                ("Sharing", volume.sharing.map { .string($0.rawValue) } ?? .null), ("Size", .integer(volume.size)),
                ("UsageCount", .integer(Int64(volume.usageCount))), ("Volume", .string(volume.name)),
            ])
            return String(decoding: object.compact(), as: UTF8.self) + "\n"
        }.joined()
    }
}
