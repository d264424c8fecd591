import OCI

extension BuildCommand {
    /// The request that the options make, with what `environment` adds (`BUILDKIT_PROGRESS`, `SOURCE_DATE_EPOCH`, …).
    func request(environment: [String: String]) throws(OptionError) -> BuildRequest {
        let call = try callSpecification()
        // Nothing is built for an answer, so that nothing of a build's can be missing.
        if call == nil { try refuseUnsupported() }
        let location = try ContextLocation(parsing: context ?? ".")
        let tags = try tagReferences()
        let outputs = try outputSpecifications(requiresTag: call == nil)
        if call == nil, output.iidfile != nil, outputs.contains(where: { $0.kind == .local || $0.kind == .tar }) {
            throw .conflicting("local and tar exporters are incompatible with image ID file")
        }
        return BuildRequest(
            context: location,
            dockerfile: try dockerfileLocation(location),
            definition: try definitionParameters(environment),
            steps: try stepParameters(environment),
            outputs: outputs,
            tags: tags,
            cache: try cacheParameters(),
            storage: try storageParameters(environment),
            report: try reportParameters(environment),
            call: call
        )
    }

    /// What `--call`, its older name `--print` or `--check` ask for instead of a build; nil for a build.
    private func callSpecification() throws(OptionError) -> CallSpecification? {
        let named = try (question.call ?? question.print).flatMap { text throws(OptionError) in
            try CallSpecification.parse(text)
        }
        guard question.check else { return named }
        if let named, named.method != .check {
            throw .conflicting("--check and --call=\(named.method.rawValue) cannot be used together")
        }
        return named ?? CallSpecification(method: .check)
    }

    private func refuseUnsupported() throws(OptionError) {
        if output.load {
            throw .unsupported(
                option: "--load",
                reason: "there is no engine to load into; use `-o type=docker,dest=FILE`"
            )
        }
        for (name, value) in [("--provenance", output.provenance), ("--sbom", output.sbom)] {
            guard let value, value != "false", value != "disabled=true" else { continue }
            throw .unsupported(option: "\(name)=\(value)", reason: "attestations are not made yet")
        }
        let given: [(name: String, isGiven: Bool, reason: String)] = [
            ("--attest", !output.attest.isEmpty, "attestations are not made yet"),
            ("--annotation", !output.annotation.isEmpty, "use `annotation.KEY=VALUE` in `-o`"),
            ("--squash", output.squash, "copy what you want into a `FROM scratch` stage"),
        ]
        if let wrong = given.first(where: \.isGiven) { throw .unsupported(option: wrong.name, reason: wrong.reason) }
    }

    private func cacheParameters() throws(OptionError) -> CacheParameters {
        var sources: [CacheSource] = []
        for text in cache.cacheFrom { sources += try CacheSource.parse(text) }
        return CacheParameters(
            ignoresAll: cache.noCache,
            ignoredStages: cache.noCacheFilter.flatMap(Self.commas),
            sources: sources,
            destinations: try CacheDestination.parseAll(cache.cacheTo)
        )
    }

    private func tagReferences() throws(OptionError) -> [ImageReference] {
        var references: [ImageReference] = []
        for tag in output.tag { references.append(try Self.imageName(tag)) }
        return references
    }

    /// The full form of an image's name, with `:latest` where it has no tag.
    static func imageName(_ name: String, allowsDigest: Bool = false) throws(OptionError) -> ImageReference {
        do {
            let reference = try ImageReference(parsing: name)
            guard allowsDigest || reference.digest == nil else {
                throw OptionError.invalidName(name, reason: "a digest is no tag")
            }
            return reference.withDefaultTag()
        } catch {
            if let error = error as? OptionError { throw error }
            throw .invalidName(name, reason: "\(error)")
        }
    }

    private func dockerfileLocation(_ context: ContextLocation) throws(OptionError) -> DockerfileLocation {
        if context == .standardInput {
            guard let file = source.file else { return .standardInput }
            // Whether there is an archive for it to be in shows when standard input is read.
            if file == "-" { throw .standardInputForBoth }
        }
        guard let file = source.file else { return .inContext }
        if file.hasPrefix("http://") || file.hasPrefix("https://") { return .url(file) }
        return file == "-" ? .standardInput : .path(file)
    }

    private func definitionParameters(_ environment: [String: String]) throws(OptionError) -> DefinitionParameters {
        var arguments = try Self.pairs(source.buildArg, option: "--build-arg", environment: environment)
        if arguments["SOURCE_DATE_EPOCH"] == nil, let epoch = environment["SOURCE_DATE_EPOCH"] {
            arguments["SOURCE_DATE_EPOCH"] = epoch
        }
        return DefinitionParameters(
            target: source.target,
            buildArguments: arguments,
            labels: try Self.pairs(source.label, option: "--label", environment: [:]),
            platforms: try platforms(environment),
            contexts: try Self.pairs(source.buildContext, option: "--build-context", environment: nil)
        )
    }

    private func platforms(_ environment: [String: String]) throws(OptionError) -> [Platform] {
        var names = source.platform.flatMap(Self.commas)
        if names.isEmpty, let name = environment["DOCKER_DEFAULT_PLATFORM"], !name.isEmpty { names = [name] }
        var platforms: [Platform] = []
        for name in names {
            do {
                let platform = name == "local" ? Platform.host : try Platform(parsing: name)
                if !platforms.contains(platform) { platforms.append(platform) }
            } catch {
                throw .invalidValue(option: "--platform", value: name, reason: "\(error)")
            }
        }
        return platforms
    }

    private func outputSpecifications(requiresTag: Bool) throws(OptionError) -> [OutputSpecification] {
        var outputs: [OutputSpecification] = []
        for text in output.output { outputs.append(try OutputSpecification(parsing: text)) }
        if output.push {
            outputs.append(try OutputSpecification(parsing: "type=registry"))
        }
        for specification in outputs {
            for name in specification.image.names { _ = try Self.imageName(name) }
            guard requiresTag, specification.image.push else { continue }
            if output.tag.isEmpty, specification.image.names.isEmpty { throw .missingTag }
        }
        return outputs
    }

    private func reportParameters(_ environment: [String: String]) throws(OptionError) -> ReportParameters {
        let mode = try progressChoice(environment)
        return ReportParameters(
            progress: progress.quiet ? .quiet : mode ?? .auto,
            isQuiet: progress.quiet || mode == .quiet,
            isDetailed: progress.debug,
            imageIDFile: output.iidfile,
            metadataFile: output.metadataFile
        )
    }

    private func progressChoice(_ environment: [String: String]) throws(OptionError) -> ProgressChoice? {
        let variable = "BUILDKIT_PROGRESS"
        let (option, value) = progress.progress.map { ("--progress", $0) } ?? (variable, environment[variable] ?? "")
        if option == variable, value.isEmpty { return nil }
        guard let choice = ProgressChoice(rawValue: value) else {
            throw .invalidValue(option: option, value: value, reason: "the modes are \(ProgressChoice.names)")
        }
        return choice
    }

    static func commas(_ text: String) -> [String] {
        text.split(separator: ",").map(String.init)
    }

    /// `key=value` texts as a dictionary, the last of a key winning; a key alone takes its value from `environment`, is
    /// dropped where it is not there, and refused where `environment` is nil.
    static func pairs(
        _ texts: [String],
        option: String,
        environment: [String: String]?
    ) throws(OptionError) -> [String: String] {
        var result: [String: String] = [:]
        for text in texts {
            if let equals = text.firstIndex(of: "=") {
                let key = String(text[..<equals])
                guard !key.isEmpty else { throw .expectedPair(option: option, value: text) }
                result[key] = String(text[text.index(after: equals)...])
            } else if let environment {
                result[text] = environment[text] ?? (option == "--label" ? "" : nil)
            } else {
                throw .expectedPair(option: option, value: text)
            }
        }
        return result
    }
}
