import BuildProgress
import LinuxSystem
import OCI
import Registry
import Storage

/// Reads what caches elsewhere hold (spec/05 §5.5): a few small documents, and no layer.
package struct CacheImporter: Sendable {
    /// Where a cache is.
    package enum Location: Hashable, Sendable, CustomStringConvertible {
        case registry(ImageReference)
        /// An OCI layout in a directory, the digest of a manifest in it or else a tag.
        case directory(Path, tag: String, digest: Digest?)

        package var description: String {
            switch self {
            case .registry(let reference): reference.description
            case .directory(let path, _, _): "local:\(path)"
            }
        }
    }

    private let context: OperationContext
    private let progress: any ProgressSink

    package init(_ context: OperationContext, progress: any ProgressSink) {
        self.context = context
        self.progress = progress
    }

    /// The caches that can be read, in their order; one that cannot be is told of and left out.
    package func load(_ locations: [Location]) async throws -> [ImportedCache] {
        try await withThrowingTaskGroup(of: (Int, ImportedCache?).self) { group in
            for (place, location) in locations.enumerated() {
                group.addTask { (place, try await load(location)) }
            }
            var caches: [Int: ImportedCache] = [:]
            for try await (place, cache) in group { caches[place] = cache }
            return locations.indices.compactMap { caches[$0] }
        }
    }

    private func load(_ location: Location) async throws -> ImportedCache? {
        let vertex = VertexProgress(sink: progress, name: "importing cache manifest from \(location)")
        vertex.start()
        if case .directory(let path, _, nil) = location, let reason = Self.obstacle(path) {
            vertex.warn(ProgressWarning(short: "local cache import at \(path) skipped due to err: \(reason)"))
            vertex.complete()
            return nil
        }
        do {
            let cache = try await read(location, vertex)
            vertex.complete()
            return cache
        } catch {
            try Task.checkCancellation()
            vertex.fail("failed to configure \(location.kind) cache importer: \(error)")
            return nil
        }
    }

    /// Why there is nothing to read in a directory yet, as before the first build that writes there.
    private static func obstacle(_ path: Path) -> String? {
        let index = path.appending("index.json")
        do {
            guard try Directory.open(path).statusIfExists("index.json") == nil else { return nil }
            return "could not read \(index): no such file or directory"
        } catch {
            return "could not read \(index): \(error)"
        }
    }

    private func read(_ location: Location, _ vertex: VertexProgress) async throws -> ImportedCache {
        let root = try await document(location)
        var contents: CacheContents?
        if let index = try? Index(json: root), !index.manifests.isEmpty {
            vertex.status("inferred cache manifest type: \(index.mediaType)").complete()
            contents = try await self.contents(index, location)
        } else {
            let manifest = try Manifest(json: root)
            vertex.status("inferred cache manifest type: \(manifest.mediaType)").complete()
            contents = try await self.contents(manifest, location)
        }
        guard let contents else { throw ImportFailure(name: location.description, reason: "it holds no cache") }
        let origin: ImagePuller.Origin =
            switch location {
            case .registry(let reference): .registry(reference)
            case .directory(let path, _, _): .layout(path)
            }
        return ImportedCache(name: location.description, origin: origin, contents: contents)
    }

    /// A cache in the form of an image, or that of an image's own configuration.
    private func contents(_ manifest: Manifest, _ location: Location) async throws -> CacheContents? {
        if manifest.config.mediaType == CacheDocument.mediaType {
            return try await contents(manifest.config, manifest.layers, location)
        }
        let config = try ImageConfig(json: try await blob(manifest.config, location))
        guard let inline = config.inlineCache else { return nil }
        let layers = zip(manifest.layers, config.diffIDs).map { ImportedLayer(descriptor: $0, diffID: $1) }
        return CacheContents(try CacheDocument(inlineJSON: inline, layerCount: layers.count), layers: layers)
    }

    /// A cache in the form of an index, or an image of this or any other platform with one of its own.
    private func contents(_ index: Index, _ location: Location) async throws -> CacheContents? {
        if let config = index.manifests.last(where: { $0.mediaType == CacheDocument.mediaType }) {
            return try await contents(config, index.manifests.filter { $0 != config }, location)
        }
        var merged: CacheContents?
        for descriptor in index.manifests where MediaType.isManifest(descriptor.mediaType) {
            let manifest = try Manifest(json: try await self.manifest(descriptor, location))
            guard let found = try await contents(manifest, location) else { continue }
            merged = merged?.merging(found) ?? found
        }
        return merged
    }

    private func contents(
        _ config: Descriptor,
        _ blobs: [Descriptor],
        _ location: Location
    ) async throws -> CacheContents {
        guard config.size <= CacheDocument.limit else {
            throw ImportFailure(name: location.description, reason: "blob \(config.digest) is too large")
        }
        let document = try CacheDocument(json: try await blob(config, location))
        let known = Dictionary(blobs.map { ($0.digest, $0) }) { first, _ in first }
        let layers = try document.layers.map { layer in
            guard let descriptor = known[layer.blob],
                let diffID = descriptor.annotations[Self.uncompressed].flatMap({ try? Digest($0) })
            else {
                throw ImportFailure(name: location.description, reason: "it does not describe layer \(layer.blob)")
            }
            return ImportedLayer(descriptor: descriptor, diffID: diffID)
        }
        return CacheContents(document, layers: layers)
    }

    /// The annotation of a layer's uncompressed digest.
    package static let uncompressed = "containerd.io/uncompressed"
}

// Documents, each checked against its digest.
extension CacheImporter {
    private func document(_ location: Location) async throws -> [UInt8] {
        switch location {
        case .registry(let reference): return try await context.registry.manifest(reference).bytes
        case .directory(let path, let tag, let digest):
            return try await BlockingThread.run("read cache") { _ in
                let layout = OCILayout(path)
                return try layout.read(try layout.rootDigest(tag: tag, digest: digest))
            }
        }
    }

    private func manifest(_ descriptor: Descriptor, _ location: Location) async throws -> [UInt8] {
        guard case .registry(let reference) = location else { return try await blob(descriptor, location) }
        return try await context.registry.manifest(reference, digest: descriptor.digest).bytes
    }

    private func blob(_ descriptor: Descriptor, _ location: Location) async throws -> [UInt8] {
        switch location {
        case .registry(let reference): return try await context.registry.document(descriptor, of: reference)
        case .directory(let path, _, _):
            return try await BlockingThread.run("read cache") { _ in try OCILayout(path).read(descriptor.digest) }
        }
    }
}

extension CacheImporter.Location {
    fileprivate var kind: String {
        switch self {
        case .registry: "registry"
        case .directory: "local"
        }
    }
}
