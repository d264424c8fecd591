import BuildGraph
import DockerfileParser
import OCI

/// What a stage amounts to after some of its instructions.
struct StageState: Sendable {
    /// The file system.
    var root: VertexInput
    /// What expansion and `RUN` see.
    var environment = StageEnvironment()
    /// The image configuration, with its history.
    var image: ImageConfig
    /// The platform that steps run on.
    var platform: Platform
    /// The declared arguments in the order of their first declaration, those of parent stages included, each once; nil
    /// values are unset.
    private(set) var arguments: [(name: String, value: String?)] = []
    /// Whether this very stage has a `CMD`.
    var hasCommand = false
    /// Whether some `WORKDIR` came before, here or in a parent stage.
    var hasWorkingDirectory = false
    /// Whether the base image could not be resolved, so that what it sets is not known.
    var isBaseUnknown = false
    var steps: StepCounter

    /// The working directory, cleaned.
    var workingDirectory: String { PathText.rooted(image.config.workingDir) }

    /// The program that runs shell forms.
    var shell: [String] {
        if !image.config.shell.isEmpty { return image.config.shell }
        return image.os == "windows" ? ["cmd", "/S", "/C"] : ["/bin/sh", "-c"]
    }

    /// Declares an argument; of two declarations the later value counts.
    mutating func declare(_ name: String, _ value: String?) {
        if let place = arguments.firstIndex(where: { $0.name == name }) {
            arguments[place].value = value
        } else {
            arguments.append((name, value))
        }
    }

    /// Adds a line to the history.
    ///
    /// A step that makes a layer is marked as BuildKit marks it, except `WORKDIR`.
    mutating func record(_ text: String, makesLayer: Bool, marked: Bool = false) {
        image.history.append(
            HistoryEntry(
                createdBy: marked ? text + " # buildkit" : text,
                comment: "buildkit.dockerfile.v0",
                emptyLayer: !makesLayer
            )
        )
    }

    /// The state of an empty tree.
    static func empty(on platform: Platform, root: VertexInput, steps: StepCounter) -> StageState {
        var image = ImageConfig(platform: platform)
        image.config.workingDir = "/"
        return StageState(image: image, root: root, platform: platform, steps: steps)
    }

    /// The state that a base image gives: its configuration without what belongs to the image itself.
    init(image: ImageConfig, root: VertexInput, platform: Platform, steps: StepCounter) {
        self.root = root
        self.image = image
        self.platform = platform
        self.steps = steps
        self.image.created = nil
        self.image.inlineCache = nil
        self.image.diffIDs = []
        self.image.config.onBuild = []
        if self.image.environmentValue("PATH") == nil, platform.os != "windows" {
            self.image.setEnvironment(name: "PATH", value: Self.defaultPath)
        }
        environment.set(lines: self.image.config.env)
    }

    /// The state that the end of another stage gives.
    init(continuing parent: StageState, steps: StepCounter) {
        self = parent
        self.steps = steps
        image.config.onBuild = []
        hasCommand = false
    }

    private static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

/// Numbers the steps of a stage for progress: `[build 2/5]`.
struct StepCounter: Hashable, Sendable {
    /// What stands before the number, such as `linux/amd64 build`; empty where nothing does.
    var prefix: String
    /// Whether steps are numbered at all.
    var isNumbered: Bool
    private(set) var current = 0
    private(set) var total: Int

    init(prefix: String, isNumbered: Bool, total: Int) {
        self.prefix = prefix
        self.isNumbered = isNumbered
        self.total = total
    }

    /// Begins the next step.
    mutating func advance() { current += 1 }

    /// `[build  2/10] text`, the number as wide as the total; nothing but the text where steps aren't numbered.
    func label(_ text: String) -> String {
        guard isNumbered else { return text }
        let (number, total) = (String(current), String(total))
        let padding = String(repeating: " ", count: max(0, total.utf8.count - number.utf8.count))
        return "[" + (prefix.isEmpty ? "" : prefix + " ") + padding + number + "/" + total + "] " + text
    }
}
