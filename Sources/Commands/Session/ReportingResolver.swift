import BuildProgress
import Frontend
import OCI

/// Resolves images, and shows each as a vertex of its own; that one is unavailable is no more than a warning there.
struct ReportingResolver: ImageResolver {
    let base: any ImageResolver
    let progress: ProgressStream

    func resolve(
        _ image: ImageLocator,
        platform: Platform,
        mode: ImageResolveMode
    ) async throws -> Frontend.ResolvedImage {
        let vertex = VertexProgress(sink: progress, name: "[internal] load metadata for \(image)")
        vertex.start()
        do {
            let resolved = try await base.resolve(image, platform: platform, mode: mode)
            vertex.complete()
            return resolved
        } catch let error as ImageUnavailable {
            vertex.warn(ProgressWarning(short: "\(error)"))
            vertex.complete()
            throw error
        } catch {
            vertex.end(with: error)
            throw error
        }
    }
}
