import BuildProgress
import DockerfileParser
import Exporters
import Frontend
import LinuxSystem
import OCI
import Operations
import Registry

/// Answers a question about a Dockerfile: nothing is built, and nothing is kept.
struct CallSession: Sendable {
    let request: BuildRequest
    let call: CallSpecification
    /// The cache, where the request ``BuildRequest/readsThroughCache``; nil where it does not.
    let start: EarlyStart?

    /// The answer on stdout, what is wrong on stderr, and the exit status.
    private struct Answer: Sendable {
        var output: String
        /// What a metadata file has of it.
        var metadata: JSONText
        var errors: String?
        var status: Int32 = 0
    }

    /// Answers and gives the exit status: 0, 1 where a check finds something or fails, or 130 after an interruption.
    func run() async -> Int32 {
        let definition = BuildDefinition()
        do {
            let answer = try await request.report.withProgress { progress in
                try await RegistryClient.with(request.registryConfiguration) { registry in
                    try await self.answer(progress, registry, definition)
                }
            }
            if let path = request.report.metadataFile {
                try OutputFile.write(answer.metadata.indented(), to: .path(path))
            }
            if !answer.output.isEmpty { try StandardStream.output.write(Array(answer.output.utf8)) }
            if let errors = answer.errors { try StandardStream.error.write(Array(errors.utf8)) }
            return answer.status
        } catch {
            ErrorReport(error, source: definition.source).print()
            return ErrorReport.isCancellation(error) ? 130 : 1
        }
    }

    private func answer(
        _ progress: ProgressStream,
        _ registry: RegistryClient,
        _ definition: BuildDefinition
    ) async throws -> Answer {
        if call.method == .describe { return answer(RequestCatalog.text, RequestCatalog.json) }
        guard let start else { return try await answer(progress, registry, definition, nil) }
        return try await request.withOperations(start, registry) { context in
            let dispatcher = OperationDispatcher(context)
            defer { dispatcher.finish() }
            let archives = ArchiveSolver(
                dispatcher: dispatcher,
                results: StoredResults(context),
                progress: progress
            )
            let fetcher = ContextLoader.Fetcher(context: context, archives: archives)
            return try await answer(progress, registry, definition, fetcher)
        }
    }

    private func answer(
        _ progress: ProgressStream,
        _ registry: RegistryClient,
        _ definition: BuildDefinition,
        _ fetcher: ContextLoader.Fetcher?
    ) async throws -> Answer {
        let loader = ContextLoader(request: request, fetcher: fetcher)
        let loaded = try await loader.load(progress) { definition.loaded($0.dockerfile, as: $1) }
        switch call.method {
        case .targets:
            let targets = TargetList(of: try DockerfileFrontend.parse(loaded.dockerfile))
            return answer(targets.text, targets.json)
        case .outline:
            let asked = try FrontendRequestBuilder(request: request).frontendRequest(loaded)
            let outline = try await DockerfileFrontend(resolver: NoResolver()).outline(asked)
            return answer(outline.text, outline.json)
        case .check, .describe:
            let asked = try FrontendRequestBuilder(request: request).frontendRequest(loaded)
            let images = RegistryResolver(registry: registry, layouts: fetcher?.context.images)
            let resolver = ReportingResolver(base: images, progress: progress)
            return answer(try await DockerfileFrontend(resolver: resolver).check(asked))
        }
    }

    private func answer(_ text: String, _ json: JSONText) -> Answer {
        Answer(output: call.format == .json ? Self.lines(json) : text, metadata: Self.metadata(text, json))
    }

    private func answer(_ report: CheckReport) -> Answer {
        let output =
            switch call.format {
            case .text: report.text
            case .json: Self.lines(report.json)
            case .sarif: Self.lines(SARIFLog(report: report, uri: request.dockerfileURI).json)
            }
        let notes = report.unresolved.map { "WARNING: \($0): what needs the image was not checked\n" }.joined()
        let errors = notes + (report.errorText ?? "")
        // What cannot be built is no finding that could be ignored.
        let isClean = report.error == nil && report.findings.isEmpty
        let fails = report.error != nil || !report.findings.isEmpty && !call.ignoresStatus
        return Answer(
            output: output,
            metadata: Self.metadata(report.violations, report.json, isClean: isClean),
            errors: errors.isEmpty ? nil : errors,
            status: fails ? 1 : 0
        )
    }

    /// The result of the frontend's subrequest as buildx writes it (spec/01 §1.14): what is no object becomes text.
    ///
    /// `isClean` is nil where nothing is checked.
    private static func metadata(_ text: String, _ json: JSONText, isClean: Bool? = nil) -> JSONText {
        var document = json
        if case .array = json { document = .string(String(decoding: json.indented(), as: UTF8.self)) }
        var members: [(String, JSONText)] = [("result.json", document)]
        if let isClean { members.append(("result.statuscode", .string(isClean ? "0" : "1"))) }
        members += [("result.txt", .string(text)), ("version", .string(RequestCatalog.version))]
        return .object(members)
    }

    private static func lines(_ json: JSONText) -> String {
        String(decoding: json.indented(), as: UTF8.self) + "\n"
    }
}

extension BuildRequest {
    /// Whether what an answer needs must be put into the cache first: a remote context, an image of an OCI layout.
    var readsThroughCache: Bool {
        context.isRemote || definition.contexts.values.contains { $0.hasPrefix("oci-layout://") }
    }
}
