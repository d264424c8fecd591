import ArgumentParser
import LinuxSystem

/// `swbuild manual`: writes the manual pages, as they are committed in `man/`.
package struct ManualCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Write the manual pages to a directory.",
        shouldDisplay: false
    )

    @Option(help: "The directory to write to.", completion: .directory)
    var output: String

    package init() {}

    package func run() throws {
        let directory = try Directory.open(Path(output))
        for page in ManualPage.pages(of: try CommandDescription.program()) {
            try directory.writeFile(Path(page.fileName), Array(page.text.utf8))
        }
    }
}
