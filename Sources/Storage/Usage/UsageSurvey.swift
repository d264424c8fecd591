import LinuxSystem
import OCI

/// Finds out what takes space in the cache directory.
struct UsageSurvey {
    /// What is measured, and not taken as it was recorded.
    enum Measured {
        /// What is being made now, which no record knows.
        case unrecorded
        /// Also the volumes and repositories that processes use.
        case inUse
        /// Every file: the sum is what `du -s` gives. Records that were wrong are put right.
        case all
    }

    private let cache: CacheDirectory
    private let measured: Measured
    private var measures: Bool { measured == .all }
    private var meter = DiskMeter()
    private var records: [UsageRecord] = []
    /// What has no record of its own: directories, locks, verdicts.
    private var rest: Int64 = 0

    init(_ cache: CacheDirectory, _ measured: Measured) {
        self.cache = cache
        self.measured = measured
    }

    private func measures(_ item: CacheItem) throws -> Bool {
        switch measured {
        case .unrecorded: false
        case .inUse: try cache.inUse.contains(item)
        case .all: true
        }
    }

    /// All records, in no order.
    mutating func run() throws -> [UsageRecord] {
        // Layers first: what plain trees link to is theirs.
        try addLayers()
        try addVolumes()
        try addMirrors()
        try addContexts()
        try addWhole("history", kind: .history, "history of builds")
        try addWork()
        try addDatabase()
        if measures { try addRest() }
        for index in records.indices where records[index].item != nil {
            guard let item = records[index].item else { continue }
            records[index].isInUse = try cache.inUse.contains(item)
        }
        return records
    }

    // MARK: Layers and blobs

    private mutating func addLayers() throws {
        // What layers share is that of the first one.
        let layers = try cache.database.layers().sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        let blobs = try cache.content.list()
        let owners = try cache.database.blobOwners()
        let present = Set(layers.map(\.id))
        var children: [LayerID: Int] = [:]
        for layer in layers {
            if let parent = layer.parent { children[parent, default: 0] += 1 }
        }
        var blobSizes: [LayerID: Int64] = [:]
        for blob in blobs {
            let size = meter.measure(blob.status)
            if let owner = owners[blob.digest.description], present.contains(owner) {
                blobSizes[owner, default: 0] += size
            } else {
                records.append(record(of: blob.digest, blob.status, size))
            }
        }
        for layer in layers {
            let size = try size(of: layer) + blobSizes[layer.id, default: 0]
            records.append(record(of: layer, size, isShared: children[layer.id, default: 0] > 1))
        }
    }

    private mutating func size(of layer: LayerRecord) throws -> Int64 {
        guard measures else { return layer.size }
        let size = try meter.measure(Path(layer.id.name), in: cache.snapshots.snapshots.directory)
        if size != layer.size { try cache.database.setSize(size, of: layer.id) }
        return size
    }

    private func record(of layer: LayerRecord, _ size: Int64, isShared: Bool) -> UsageRecord {
        UsageRecord(
            id: layer.id.name,
            item: .layer(layer.id),
            parents: layer.parent.map { [$0.name] } ?? [],
            kind: layer.kind,
            size: size,
            createdAt: layer.createdAt,
            lastUsed: layer.lastUsed,
            usageCount: layer.usageCount,
            description: layer.description,
            isShared: isShared
        )
    }

    private func record(of digest: Digest, _ status: FileStatus, _ size: Int64) -> UsageRecord {
        UsageRecord(
            id: String(digest.hex.prefix(12)),
            item: .blob(digest),
            kind: .blob,
            size: size,
            createdAt: status.born.seconds == 0 ? status.modified.seconds : status.born.seconds,
            lastUsed: status.modified.seconds,
            description: "blob \(digest)"
        )
    }

    // MARK: What steps and sources keep

    private mutating func addVolumes() throws {
        for volume in try cache.mounts.volumes() {
            var size = volume.size
            if try measures(.volume(volume.name)) {
                size = try meter.measure(Path(volume.name), in: cache.mounts.mounts.directory)
                if size != volume.size { try cache.mounts.setSize(size, of: volume.name) }
            }
            records.append(volume.usage(size: size))
        }
    }

    private mutating func addMirrors() throws {
        for var record in try cache.mirrors.usage() {
            if case .mirror(let name) = record.item, try measures(.mirror(name)) {
                let size = try meter.measure(Path(name), in: cache.mirrors.mirrors.directory)
                if size != record.size { try cache.mirrors.setSize(size, of: name) }
                record.size = size
            }
            records.append(record)
        }
    }

    private mutating func addContexts() throws {
        try walk(try cache.directory.openDirectory("contexts"), sorted: false) { entry, _ in
            records.append(
                UsageRecord(
                    id: String(entry.name.string.prefix(12)),
                    item: .contextIndex(entry.name.string),
                    kind: .internal,
                    size: meter.measure(entry.status),
                    createdAt: entry.status.modified.seconds,
                    lastUsed: entry.status.modified.seconds,
                    description: "index of a build context"
                )
            )
            return .prune
        }
    }

    /// One record for all of a directory that prunes itself.
    private mutating func addWhole(_ name: Path, kind: RecordKind, _ description: String) throws {
        guard let status = try cache.directory.statusIfExists(name) else { return }
        append(name.string, kind, try meter.measure(name, in: cache.directory), status, description)
    }

    // MARK: What is being made, and the rest

    /// What processes are making now; what dead ones have left was removed when the directory was opened.
    private mutating func addWork() throws {
        let recorded = Set(records.map(\.id))
        let home = try Directory.open(cache.snapshots.root)
        var size: Int64 = 0
        for entry in try cache.snapshots.snapshots.directory.entries() where !recorded.contains(entry.name.string) {
            size += try meter.measure(entry.name, in: cache.snapshots.snapshots.directory)
        }
        for entry in try cache.mounts.mounts.directory.entries() where !recorded.contains(entry.name.string) {
            size += try meter.measure(entry.name, in: cache.mounts.mounts.directory)
        }
        size += try contents(of: "trees", in: home)
        for name: Path in ["ingest", "tmp"] { size += try contents(of: name, in: cache.directory) }
        if size == 0 { return }
        append("work", .internal, size, try cache.directory.status("tmp"), "what builds are making", isInUse: true)
    }

    private mutating func contents(of name: Path, in directory: borrowing Directory) throws -> Int64 {
        // Where layers were not looked at, all that has several names in a plain tree is theirs.
        let opened = try directory.openDirectory(name)
        meter.skipsLinks = !measures && name == "trees"
        defer { meter.skipsLinks = false }
        var size: Int64 = 0
        for entry in try opened.entries() { size += try meter.measure(entry.name, in: opened) }
        return size
    }

    private mutating func addDatabase() throws {
        var names: [Path] = ["swbuild.db", "swbuild.db-wal", "swbuild.db-shm"]
        // The last process that closes the database removes what only those need that have it open.
        let isAlone = try measures && cache.isAlone()
        if isAlone {
            try cache.database.truncateLog()
            names.removeLast(2)
        }
        var size: Int64 = 0
        for name in names { size += try meter.measure(name, in: cache.directory) }
        let status = try cache.directory.status("swbuild.db")
        append("database", .internal, size, status, "what is recorded of all else", isInUse: true)
    }

    private mutating func addRest() throws {
        try addRest(of: cache.directory)
        if cache.isSnapshotsElsewhere { try addRest(of: try Directory.open(cache.snapshots.root)) }
        append(
            "layout",
            .internal,
            rest,
            try cache.directory.status("locks"),
            "directories, locks and small files",
            isInUse: true
        )
    }

    /// Adds everything in `home` that has no record: the directories that hold records, and what else is there.
    private mutating func addRest(of home: borrowing Directory) throws {
        let holders: Set<Path> = ["snapshots", "mounts", "git", "contexts", "ingest", "tmp", "trees"]
        rest += meter.measure(try home.descriptor.status())
        for entry in try home.entries() where !entry.name.string.hasPrefix("swbuild.db") && entry.name != "history" {
            if holders.contains(entry.name) {
                rest += meter.measure(try home.status(entry.name))
            } else if entry.name == "blobs" {
                try addBlobDirectories(try home.openDirectory(entry.name))
            } else {
                rest += try meter.measure(entry.name, in: home)
            }
        }
    }

    private mutating func addBlobDirectories(_ blobs: borrowing Directory) throws {
        rest += meter.measure(try blobs.descriptor.status())
        for entry in try blobs.entries() { rest += meter.measure(try blobs.status(entry.name)) }
    }

    private mutating func append(
        _ id: String,
        _ kind: RecordKind,
        _ size: Int64,
        _ status: FileStatus,
        _ description: String,
        isInUse: Bool = false
    ) {
        records.append(
            UsageRecord(
                id: id,
                kind: kind,
                size: size,
                createdAt: status.born.seconds == 0 ? status.modified.seconds : status.born.seconds,
                lastUsed: status.modified.seconds,
                description: description,
                isMutable: true,
                isInUse: isInUse
            )
        )
    }
}
