/// The words that begin instructions, by their upper-case spelling.
enum InstructionKeyword: String, CaseIterable {
    case add = "ADD"
    case arg = "ARG"
    case cmd = "CMD"
    case copy = "COPY"
    case entrypoint = "ENTRYPOINT"
    case env = "ENV"
    case expose = "EXPOSE"
    case from = "FROM"
    case healthcheck = "HEALTHCHECK"
    case label = "LABEL"
    case maintainer = "MAINTAINER"
    case onBuild = "ONBUILD"
    case run = "RUN"
    case shell = "SHELL"
    case stopSignal = "STOPSIGNAL"
    case user = "USER"
    case volume = "VOLUME"
    case workdir = "WORKDIR"

    /// The keyword that `word` is in any case, or nil.
    init?(word: String) {
        self.init(rawValue: word.uppercased())
    }

    /// Whether documents may stand below the instruction, if it isn't in the JSON form.
    var takesHeredocs: Bool { self == .add || self == .copy || self == .run }

    /// How the text after the flags is read.
    var shape: ArgumentShape {
        switch self {
        case .arg: .declarations
        case .env, .label: .pairs
        case .expose, .from: .words
        case .add, .copy, .volume: .wordsOrJSON
        case .cmd, .entrypoint, .run, .shell: .textOrJSON
        case .healthcheck: .typedCommand
        case .maintainer, .stopSignal, .user, .workdir: .text
        case .onBuild: .instruction
        }
    }
}

/// The ways in which arguments are split.
enum ArgumentShape {
    case text
    case textOrJSON
    case words
    case wordsOrJSON
    case pairs
    case declarations
    case typedCommand
    case instruction
}
