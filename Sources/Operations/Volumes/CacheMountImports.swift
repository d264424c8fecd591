import Archive
import BuildProgress
import LinuxSystem
import OCI
import Registry
import Storage
import Synchronization

/// Cache mounts that come from elsewhere, fetched when the first step wants them: a build that finds all its steps in the
/// cache fetches nothing.
package final class CacheMountImports: Sendable {
    private let places: [String: CacheMountPlace]
    private let finished = Mutex<Set<String>>([])

    /// Places by the `id` of the mount.
    package init(_ places: [String: CacheMountPlace] = [:]) {
        self.places = places
    }

    /// Fetches a cache mount, unless it is here already; what goes wrong is a warning, since a cache is no more than that.
    func prepare(_ identity: CacheMountIdentity, _ context: OperationContext, _ progress: VertexProgress) async {
        let id = CacheMountIdentity.shown(identity.id)
        guard let place = places[id] else { return }
        do {
            try await context.cache.locks.withKey("import \(context.scope) \(id)") {
                guard finished.withLock({ $0.insert(id).inserted }) else { return }
                guard try context.cache.mounts.find(id, scope: context.scope).isEmpty else {
                    progress.status("cache mount \(id) is here already").complete()
                    return
                }
                try await progress.status("importing cache mount \(id) from \(place)") {
                    try await fetch(id, place, context)
                }
            }
        } catch {
            if Task.isCancelled { return }
            progress.warn(ProgressWarning(short: "cache mount `\(id)` is not imported from `\(place)`: \(error)"))
        }
    }

    private func fetch(_ id: String, _ place: CacheMountPlace, _ context: OperationContext) async throws {
        switch place {
        case .file(let path):
            let file = SharedDescriptor(try FileDescriptor.open(Path(path)))
            try await unpack(id, file, context)
        case .registry(let reference):
            let blob = try await Self.download(reference, context)
            defer { try? context.cache.discard(blob.digest) }
            let file = SharedDescriptor(try context.cache.content.open(blob.digest, size: blob.size))
            try await unpack(id, file, context)
        }
    }

    private func unpack(_ id: String, _ file: SharedDescriptor, _ context: OperationContext) async throws {
        let (cache, scope) = (context.cache, context.scope)
        try await BlockingThread.run("import volume") { flag in
            try cache.importMount(id, scope: scope, from: file.descriptor.duplicate(), cancellation: flag)
        }
    }

    /// Fetches the only layer of an image of the right type, verified, into the content store.
    private static func download(_ reference: ImageReference, _ context: OperationContext) async throws -> Descriptor {
        let document = try await context.registry.manifest(reference)
        let manifest = try Manifest(json: document.bytes)
        guard manifest.artifactType == CacheMountPlace.artifactType, let layer = manifest.layers.first,
            manifest.layers.count == 1
        else { throw OperationError.notAnImage(reference: reference.description, reason: "it holds no cache mount") }
        try await context.fetch(layer, of: reference)
        return layer
    }
}

extension CacheDirectory {
    /// Makes a cache mount of an archive, compressed or not, whose names never lead out of it.
    package func importMount(
        _ id: String,
        scope: String,
        from file: consuming FileDescriptor,
        cancellation: CancellationFlag? = nil,
        onWait: () -> Void = {}
    ) throws {
        let source = SharedDescriptor(file)
        let snapshots = snapshots
        try mounts.importVolume(id, scope: scope, cancellation: cancellation, onWait: onWait) { path in
            try extractArchive(
                FileSource(source.descriptor.duplicate()),
                into: snapshots.openVolume(path),
                cancellation: cancellation
            )
        }
    }
}
