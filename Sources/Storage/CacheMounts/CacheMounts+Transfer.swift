import Archive
import Glibc
import LinuxSystem

// Volumes that leave the cache directory and come into it.
extension CacheMounts {
    /// The volumes that `word` means, the one that was last used first: of its name, else of its `id`.
    package func find(_ word: String, scope: String) throws -> [CacheVolume] {
        let volumes = try volumes().filter { $0.scope == scope }
        let named = volumes.filter { $0.name == word }
        return named.isEmpty ? volumes.filter { $0.id == word } : named
    }

    /// The volume of an `id` that steps of this process have used; the last one where there are several.
    package func used(_ id: String, scope: String) throws -> CacheVolume? {
        try find(id, scope: scope).first { used.names.contains($0.name) }
    }

    /// Runs `body` with the path of a volume that no step uses meanwhile; waits for those that do, and tells once that it
    /// waits.
    package func withVolume<R>(
        _ volume: CacheVolume,
        cancellation: CancellationFlag? = nil,
        onWait: () -> Void = {},
        _ body: (Path) throws -> R
    ) throws -> R {
        let claim = try claim(volume, cancellation, onWait)
        let result = try body(path(of: volume.name))
        withExtendedLifetime(claim) {}
        return result
    }

    /// Makes a volume of what `fill` puts into a new directory, whose path it is given: the next step that mounts `id` gets
    /// it, whatever else it asks for.
    ///
    /// Volumes of the same `id` that were there go once no step uses them.
    package func importVolume(
        _ id: String,
        scope: String,
        cancellation: CancellationFlag? = nil,
        onWait: () -> Void = {},
        fill: (Path) throws -> Void
    ) throws {
        let name = randomName()
        try inUse.holdNew(.volume(name))
        defer { inUse.release(.volume(name)) }
        try mounts.directory.makeDirectory(Path(name))
        do {
            try fill(path(of: name))
            for old in try find(id, scope: scope) where old.id == id {
                let claim = try claim(old, cancellation, onWait)
                try remove(old.name)
                withExtendedLifetime(claim) {}
            }
        } catch {
            try? mounts.directory.removeTree(Path(name))
            throw error
        }
        try record(name, identity: CacheMountIdentity.imported(id, scope: scope))
        var meter = DiskMeter()
        try setSize(try meter.measure(Path(name), in: mounts.directory), of: name)
    }

    /// Removes a volume; false where a step uses it.
    package func removeIfIdle(_ volume: CacheVolume) throws -> Bool {
        guard let claim = try inUse.claim(.volume(volume.name)) else { return false }
        try remove(volume.name)
        withExtendedLifetime(claim) {}
        return true
    }

    /// Gives what was imported under the `id` of an identity to steps that ask for that identity; its name, or `nil` where
    /// there is nothing.
    func adoptImported(_ identity: CacheMountIdentity) throws -> String? {
        guard let name = try directories(identity.imported).first else { return nil }
        let isMine = try database.withConnection { connection in
            try connection.run(
                "UPDATE mounts SET id = ? WHERE directory = ? AND id = ?",
                .text(identity.text),
                .text(name),
                .text(identity.imported)
            )
            return connection.changes == 1
        }
        return isMine ? name : nil
    }

    private func claim(
        _ volume: CacheVolume,
        _ cancellation: CancellationFlag?,
        _ onWait: () -> Void
    ) throws -> ItemClaim {
        var hasWaited = false
        while true {
            try cancellation?.check()
            if let claim = try inUse.claim(.volume(volume.name)) { return claim }
            if !hasWaited { onWait() }
            hasWaited = true
            usleep(20_000)
        }
    }
}
