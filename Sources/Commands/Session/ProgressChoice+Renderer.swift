import BuildProgress
import LinuxSystem

extension ProgressChoice {
    /// The renderer of a choice for this process's stderr; `auto` is `tty` on a terminal, else `plain` (spec/09 §9.1).
    static func renderer(_ choice: ProgressChoice) throws(OptionError) -> any ProgressRenderer {
        let isTerminal = StandardStream.error.isTerminal
        if choice == .tty, !isTerminal {
            throw .conflicting("failed to get console: provided file is not a console")
        }
        return switch choice {
        case .auto: isTerminal ? terminal() : PlainRenderer()
        case .plain: PlainRenderer()
        case .rawjson: RawJSONRenderer()
        case .quiet, .none: QuietRenderer()
        case .tty: terminal()
        }
    }

    private static func terminal() -> TTYRenderer {
        var style = TTYRenderer.Style()
        style.colors = .ofThisProcess
        return TTYRenderer(style: style) {
            let size = StandardStream.error.terminalSize ?? (80, 24)
            return TerminalSize(width: size.columns, height: size.rows)
        }
    }
}

extension TerminalColors {
    /// The colours that the environment of this process asks for.
    static var ofThisProcess: TerminalColors {
        let names = ["NO_COLOR", "BUILDKIT_COLORS"]
        let pairs = names.compactMap { name in Process.variable(name).map { (name, $0) } }
        return TerminalColors(environment: Dictionary(pairs) { $1 })
    }
}
