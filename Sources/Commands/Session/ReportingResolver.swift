import BuildProgress
import Frontend
import OCI

/// Resolves images, and shows each as a vertex of its own.
struct ReportingResolver: ImageResolver {
    let base: any ImageResolver
    let progress: ProgressStream

    func resolve(
        _ image: ImageLocator,
        platform: Platform,
        mode: ImageResolveMode
    ) async throws -> Frontend.ResolvedImage {
        try await progress.vertex("[internal] load metadata for \(image)") { _ in
            try await base.resolve(image, platform: platform, mode: mode)
        }
    }
}
