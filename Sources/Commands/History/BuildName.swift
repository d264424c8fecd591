import LinuxSystem

/// What a build is called in the list of builds, as buildx calls it: the argument `BUILDKIT_BUILD_NAME`, else the name of
/// the context or of the Dockerfile's directory, with the target behind it.
enum BuildName {
    /// The name of a build whose context is recorded as `context`; may hold credentials of a URL.
    static func text(_ request: BuildRequest, context: String) -> String {
        if let name = request.definition.buildArguments["BUILDKIT_BUILD_NAME"], !name.isEmpty { return name }
        let place = place(request, context)
        guard let target = request.definition.target, !target.isEmpty else { return place }
        return place.isEmpty ? target : "\(place) (\(target))"
    }

    private static func place(_ request: BuildRequest, _ context: String) -> String {
        switch request.context {
        case .git, .http, .standardInput: return context
        case .directory:
            let context = Path(context)
            guard case .path(let path) = request.dockerfile else { return context.lastComponent?.string ?? "/" }
            return name(of: path, context)
        }
    }

    /// The Dockerfile relative to what is above the context if it is in there, else its last two names.
    private static func name(of dockerfile: String, _ context: Path) -> String {
        let here = (try? Directory.open(".").currentPath()) ?? "/"
        let file = (dockerfile.hasPrefix("/") ? Path(dockerfile) : here.appending(dockerfile)).lexicallyNormalized()
        let isDefault = file.lastComponent?.string == "Dockerfile"
        let path = isDefault ? file.parent : file
        if path.isWithin(context) {
            let names = path.components.dropFirst(context.components.count - 1)
            return names.map(\.string).joined(separator: "/")
        }
        return path.components.suffix(isDefault ? 1 : 2).map(\.string).joined(separator: "/")
    }
}
