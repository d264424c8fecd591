import BuildProgress
import DockerfileParser
import FoundationEssentials
import Frontend
import LinuxSystem
import OCI

@testable import Commands

/// One directory of `testdata/checks`: a project, asked about through the command line's own parts.
struct CheckCase: CustomStringConvertible, Sendable {
    /// The file that every case has; one that isn't there is expected to be empty.
    static let findings = "findings.txt"
    /// Files that are compared where a case has them.
    static let optional = [
        "check.txt", "check.json", "check.sarif", "outline.txt", "outline.json", "targets.txt", "targets.json",
    ]

    let name: String

    var description: String { name }

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "testdata/checks")

    static var isRecording: Bool { ProcessInfo.processInfo.environment["RECORD"] == "1" }

    /// Every directory that holds a Dockerfile, by name.
    static let all: [CheckCase] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.sorted().map(CheckCase.init).filter { $0.text("Dockerfile") != nil }
    }()

    /// The files of the case that are expectations.
    var outputs: [String] { [Self.findings] + Self.optional.filter { text($0) != nil } }

    /// The text of a file of the case, nil where there is none.
    func text(_ file: String) -> String? {
        (try? Data(contentsOf: directory.appending(path: file))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes what an expected file should hold.
    func record(_ file: String, _ text: String) throws {
        let url = directory.appending(path: file)
        if text.isEmpty, file == Self.findings {
            try? FileManager.default.removeItem(at: url)
        } else {
            try Data(text.utf8).write(to: url)
        }
    }

    /// The rules that were found to be violated, with places and messages.
    func report() async throws -> CheckReport {
        try await DockerfileFrontend(resolver: ImageFiles()).check(try await asked())
    }

    /// What a file is expected to hold.
    func answer(_ file: String) async throws -> String {
        let json = { (json: JSONText) in String(decoding: json.indented(), as: UTF8.self) + "\n" }
        switch file {
        case Self.findings: return Self.lines(of: try await report())
        case "check.txt":
            let report = try await report()
            return report.text + (report.errorText ?? "")
        case "check.json": return json(try await report().json)
        case "check.sarif":
            return json(SARIFLog(report: try await report(), uri: "testdata/checks/\(name)/Dockerfile").json)
        case "outline.txt": return try await outline().text
        case "outline.json": return json(try await outline().json)
        case "targets.txt": return try await targets().text
        default: return json(try await targets().json)
        }
    }

    private func outline() async throws -> Outline {
        try await DockerfileFrontend(resolver: ImageFiles()).outline(try await asked())
    }

    private func targets() async throws -> TargetList {
        TargetList(of: try DockerfileFrontend.parse(try await asked().dockerfile))
    }

    /// The request that `arguments.txt` makes of the directory, one argument a line.
    private func asked() async throws -> FrontendRequest {
        let arguments = (text("arguments.txt") ?? "").split(separator: "\n").map(String.init)
        let command = try BuildCommand.parse(["--platform=linux/amd64"] + arguments + [directory.path])
        let request = try command.request(environment: [:])
        let loader = ContextLoader(request: request, fetcher: nil)
        let loaded = try await ProgressStream.run(
            renderer: QuietRenderer(),
            output: { _ in },
            body: { try await loader.load($0) { _, _ in } }
        )
        return try FrontendRequestBuilder(request: request).frontendRequest(loaded)
    }

    private static func lines(of report: CheckReport) -> String {
        let found = report.findings.map { "\($0.rule.rawValue) \($0.range): \($0.message)\n" }
        let error = report.error.map { error in
            let places = error.locations.map { " \(SourceRange($0))" }.joined(separator: ",")
            return ["error\(places): \(error)\n"]
        }
        return (found + report.unresolved.map { "unavailable: \($0)\n" } + (error ?? [])).joined()
    }

    private var directory: URL { Self.root.appending(path: name) }
}

/// The images of `testdata/checks/images`: `name:tag.json` is a configuration; nothing is known of `offline`.
private struct ImageFiles: ImageResolver {
    private struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    func resolve(_ image: ImageLocator, platform: Platform, mode: ImageResolveMode) throws -> ResolvedImage {
        guard case .registry(let reference) = image else { throw Missing(description: "\(image): not found") }
        if reference.familiar.hasPrefix("offline:") { throw ImageUnavailable("no network here") }
        let file = CheckCase.root.appending(path: "images/\(reference.familiar).json")
        guard let bytes = try? Data(contentsOf: file) else { throw Missing(description: "\(image): not found") }
        let config = try ImageConfig(json: [UInt8](bytes))
        let digest = Digest.sha256(of: reference.familiar)
        return ResolvedImage(digest: digest, manifest: digest, config: config, platform: config.platform)
    }
}
