import LinuxSystem

// What becomes of layers at the end of a process, and how they go.
extension Snapshotter {
    /// Removes layers and all that was recorded of them; the caller has claimed them.
    ///
    /// Gives those whose files could not be removed, with the reason; nobody finds them any more. And the bytes that stay on
    /// the disk, because other layers share them.
    func remove(_ layers: [LayerID]) throws -> (failures: [LayerID: any Error], kept: Int64) {
        // Records first: a directory without one is a leftover, whatever happens here.
        let kept = try database.removeLayers(Set(layers))
        state.withLock { state in
            state.known.subtract(layers)
            state.used.subtract(layers)
            state.unsynchronized.subtract(layers)
        }
        var failures: [LayerID: any Error] = [:]
        for layer in layers {
            do {
                // Under its lock, since others remove leftovers, too.
                try removeIfAbandoned(Path(layer.name), in: snapshots.directory)
            } catch {
                failures[layer] = error
            }
        }
        return (failures, kept)
    }

    /// Writes all new layers to the disk, and the uses that were noted.
    package func flush() throws {
        let (fresh, used) = state.withLock { state in
            defer {
                state.unsynchronized = []
                state.used = []
            }
            return (state.unsynchronized, state.used)
        }
        if !fresh.isEmpty {
            try writeBehind.finish()
            try database.markSynchronized(fresh)
        }
        try database.touch(used)
    }

    /// Removes layers that an earlier run of the kernel may have lost parts of, and unfinished ones of dead processes.
    func removeLeftovers() throws {
        if let boot {
            let doubtful = try database.unsynchronizedLayers(otherThan: boot)
            try database.removeLayers(Set(doubtful))
        }
        let recorded = try database.layerIDs()
        for entry in try snapshots.directory.entries() where !recorded.contains(entry.name.string) {
            try removeLeftover(entry.name)
        }
    }

    private func removeLeftover(_ name: Path) throws {
        do {
            try removeIfAbandoned(name, in: snapshots.directory) {
                // Asked again under the lock: it may have been committed in between.
                guard let id = LayerID(name.string) else { return true }
                return try database.layer(id) == nil
            }
        } catch let error as SystemError where error.isPermission {
            // Files of ids that this process does not have: `du` shows them.
        }
    }
}
