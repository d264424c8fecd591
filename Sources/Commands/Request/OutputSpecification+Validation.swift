import LinuxSystem

extension OutputSpecification {
    /// Refuses destinations that cannot work, before anything is built: a terminal, a directory where a file is
    /// written, a file where a directory is (spec/02 §2.3).
    package static func validate(_ outputs: [Self], standardOutputIsTerminal: Bool) throws(OptionError) {
        let streaming = outputs.filter { $0.destination == .standardOutput }
        guard streaming.count < 2 else { throw .severalStandardOutputs }
        if standardOutputIsTerminal, let output = streaming.first {
            throw .standardOutputIsTerminal(type: output.kind.rawValue)
        }
        for output in outputs {
            guard case .path(let path) = output.destination, let kind = fileKind(path) else { continue }
            let wantsDirectory = output.kind == .local || !output.isTar
            if wantsDirectory, kind != .directory { throw .destinationIsFile(path) }
            if !wantsDirectory, kind == .directory { throw .destinationIsDirectory(path) }
        }
    }

    /// The kind of what `path` names, symbolic links followed; nil where there is nothing.
    private static func fileKind(_ path: String) -> FileKind? {
        try? FileStatus.of(Path(path)).kind
    }
}
