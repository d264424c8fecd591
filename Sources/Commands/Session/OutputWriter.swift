import BuildProgress
import Exporters
import LinuxSystem
import OCI
import Operations
import Registry
import Storage

/// The result for one platform.
struct PlatformOutput: Sendable {
    let platform: Platform
    let config: ImageConfig
    let snapshot: Snapshot
}

/// Writes the outputs that a request asks for, one after the other, from the same result.
struct OutputWriter: Sendable {
    let request: BuildRequest
    let context: OperationContext
    let progress: ProgressStream
    /// What an image shall say of the keys that led to it; nil for nothing.
    var inlineCache: CacheEntries?

    /// Writes every output; each appears whole or not at all.
    ///
    /// Gives what names the image, if one was made.
    func write(_ results: [PlatformOutput], isMultiPlatform: Bool, epoch: Int64?) async throws -> BuildResult {
        var result = BuildResult()
        for output in request.outputs {
            let epoch = output.sourceDateEpoch.resolved(epoch)
            switch output.kind {
            case .local, .tar: try await writeFiles(output, results, isMultiPlatform, epoch)
            case .oci, .docker, .image: result = try await writeImage(output, results, isMultiPlatform, epoch)
            case .cacheonly: break
            }
        }
        try writeReports(result)
        return result
    }

    private func writeFiles(
        _ output: OutputSpecification,
        _ results: [PlatformOutput],
        _ isMultiPlatform: Bool,
        _ epoch: Int64?
    ) async throws {
        let splits = output.platformSplit ?? isMultiPlatform
        let trees = try results.map { result in
            let root = SharedDirectory(try context.cache.snapshots.mountReadOnly(result.snapshot).root.duplicate())
            let name = result.platform.description.split(separator: "/").joined(separator: "_")
            return LocalExporter.Tree(
                name: splits ? name : nil,
                platform: result.platform.description,
                root: root
            )
        }
        let time = epoch.map { FileTime(seconds: $0) }
        switch (output.kind, output.destination) {
        case (.local, .path(let path)):
            try await progress.vertex("exporting to client directory") { vertex in
                let status = vertex.status("copying files")
                let exporter = LocalExporter(destination: Path(path), time: time)
                let bytes = try await BlockingThread.run("export") { flag in
                    try exporter.export(trees, cancellation: flag) { status.update($0) }
                }
                status.complete(bytes)
            }
        default:
            let exporter = TarExporter(destination: destination(output), time: time)
            try await progress.vertex("exporting to client tarball") { vertex in
                try await vertex.status("sending tarball") {
                    try await BlockingThread.run("export") { try exporter.export(trees, cancellation: $0) }
                }
            }
        }
    }

    private func destination(_ output: OutputSpecification) -> OutputFile.Destination {
        if case .path(let path) = output.destination { .path(path) } else { .standardOutput }
    }

    private func writeImage(
        _ output: OutputSpecification,
        _ results: [PlatformOutput],
        _ isMultiPlatform: Bool,
        _ epoch: Int64?
    ) async throws -> BuildResult {
        let names = try self.names(output)
        let title =
            output.kind == .image ? "image" : output.kind == .docker ? "docker image format" : "oci image format"
        return try await progress.vertex("exporting to \(title)") { vertex in
            let dropped = context.cache.content.dropped
            while true {
                let known = dropped.digests.count
                do {
                    return try await writeImage(output, results, names, isMultiPlatform, epoch, vertex)
                } catch {
                    // A blob that is damaged is gone now, and is made again.
                    guard dropped.digests.count > known, output.destination != .standardOutput else { throw error }
                }
            }
        }
    }

    private func writeImage(
        _ output: OutputSpecification,
        _ results: [PlatformOutput],
        _ names: [ImageReference],
        _ isMultiPlatform: Bool,
        _ epoch: Int64?,
        _ vertex: VertexProgress
    ) async throws -> BuildResult {
        let platforms = try await vertex.status("exporting layers") {
            try await layers(output, results, epoch)
        }
        if inlineCache != nil { vertex.status("preparing layers for inline cache").complete() }
        var options = ImageDocumentOptions()
        options.ociMediaTypes = output.image.ociMediaTypes
        options.annotations = output.image.annotations
        options.forcesIndex = isMultiPlatform
        options.sourceDateEpoch = epoch
        let documents = try ImageDocuments(platforms, options)
        for document in documents.all { vertex.status(Self.title(of: document)).complete() }
        try await deliver(documents, output, names, epoch, vertex)
        return BuildResult(
            image: documents.root.descriptor,
            config: documents.isIndex ? nil : documents.firstConfig.descriptor.digest,
            names: names
        )
    }

    /// A configuration with the part of the cache that the image's layers hold.
    private func config(_ result: PlatformOutput, _ layers: [ExportedLayer]) throws -> ImageConfig {
        guard let inlineCache else { return result.config }
        var config = result.config
        let entries = try inlineCache.inside(result.snapshot, layers)
        config.inlineCache = CacheDocument(entries, inside: layers).encodedRecords()
        return config
    }

    private func layers(
        _ output: OutputSpecification,
        _ results: [PlatformOutput],
        _ epoch: Int64?
    ) async throws -> [ExportedPlatform] {
        let blobs = LayerBlobs(
            cache: context.cache,
            compression: output.image.compression,
            level: output.image.compressionLevel,
            isForced: output.image.forceCompression,
            ociMediaTypes: output.image.ociMediaTypes,
            epoch: output.image.rewriteTimestamp ? epoch : nil
        )
        return try await BlockingThread.run("layers") { flag in
            try results.map { result in
                let layers = try blobs.layers(of: result.snapshot, cancellation: flag)
                return ExportedPlatform(
                    platform: result.platform,
                    config: try config(result, layers),
                    layers: layers
                )
            }
        }
    }

    private func deliver(
        _ documents: ImageDocuments,
        _ output: OutputSpecification,
        _ names: [ImageReference],
        _ epoch: Int64?,
        _ vertex: VertexProgress
    ) async throws {
        guard output.kind != .image else { return try await push(documents, names, vertex) }
        let form: ImageExporter.Form
        switch (output.kind, output.isTar, output.destination) {
        case (_, false, .path(let path)): form = .ociDirectory(Path(path))
        case (.docker, _, _): form = .dockerArchive(destination(output))
        default: form = .ociArchive(destination(output))
        }
        let created = epoch.map { Timestamp(seconds: $0, nanoseconds: 0) } ?? .now
        let exporter = ImageExporter(store: context.cache.content, form: form, names: names, created: created)
        try await vertex.status("sending tarball") {
            try await BlockingThread.run("export") { try exporter.export(documents, cancellation: $0) }
        }
    }

    /// Pushes blobs, then documents from the leaves up, under each name (spec/04 §4.2, push order).
    private func push(_ documents: ImageDocuments, _ names: [ImageReference], _ vertex: VertexProgress) async throws {
        for name in names {
            try await vertex.status("pushing layers") {
                for layer in documents.layers {
                    try await context.push(layer, to: name)
                }
                for config in documents.configs {
                    try await context.registry.pushBlob(config.descriptor, to: name, from: UploadSource(config.bytes))
                }
            }
            try await vertex.status("pushing manifest for \(name)@\(documents.root.descriptor.digest)") {
                for document in documents.manifests where document != documents.root {
                    try await context.registry.pushManifest(
                        document.bytes,
                        mediaType: document.descriptor.mediaType,
                        to: name.withDigest(document.descriptor.digest)
                    )
                }
                try await context.registry.pushManifest(
                    documents.root.bytes,
                    mediaType: documents.root.descriptor.mediaType,
                    to: name
                )
            }
        }
    }

    private static func title(of document: ImageDocument) -> String {
        let digest = document.descriptor.digest
        if MediaType.isIndex(document.descriptor.mediaType) { return "exporting manifest list \(digest)" }
        if MediaType.isManifest(document.descriptor.mediaType) { return "exporting manifest \(digest)" }
        return "exporting config \(digest)"
    }

    /// The names of an output, those of `-t` where it has none of its own.
    private func names(_ output: OutputSpecification) throws -> [ImageReference] {
        guard !output.image.names.isEmpty else { return request.tags }
        return try output.image.names.map { try BuildCommand.imageName($0) }
    }

    private func writeReports(_ result: BuildResult) throws {
        if let path = request.report.imageIDFile, let id = result.imageID {
            try OutputFile.write(Array(id.description.utf8), to: .path(path))
        }
        if let path = request.report.metadataFile {
            try OutputFile.write(result.metadata.indented(), to: .path(path))
        }
    }
}
