import ArgumentParser
import FoundationEssentials
import LinuxSystem
import Storage

/// `swbuild doctor`: what this machine and user allow, and what would allow more.
package struct DoctorCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell how steps can be kept apart on this machine, what bars better ways, and the remedies.",
        discussion: DoctorText.rungs
    )

    @Flag(help: "Write JSON.")
    var json = false

    package init() {}

    /// To be called on the main thread while it is the only one: the rungs are tried in children.
    package func run() throws {
        let report = DoctorReport.ofThisProcess(
            cache: CacheDirectory.defaultRoot(environment: Process.variable),
            version: Swbuild.version
        )
        guard json else {
            StandardStream.output.print(DoctorText(report).text)
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        StandardStream.output.print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}
