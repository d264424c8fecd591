/// `FROM`: begins a stage.
package struct FromInstruction: Hashable, Sendable {
    package var origin: Origin
    /// `--platform`, unexpanded, or nil.
    package var platform: String?
    /// The image, stage or `scratch`, unexpanded.
    package var baseName: String
    /// The word between base and name as written, as in `AS`, or nil.
    package var asKeyword: String?
    /// The name as written, or nil.
    package var stageNameAsWritten: String?
    /// The name lower-cased, or nil.
    package var stageName: String?
}

/// What a `COPY` or `ADD` reads besides its flags.
package struct CopyOperands: Hashable, Sendable {
    /// Paths, URLs and heredocs, in the order written.
    package var sources: [CopySource]
    /// The last argument, unexpanded.
    package var destination: String
    /// Whether the JSON form was used.
    package var isJSON: Bool

    /// The sources that are not heredocs, unexpanded, in the order written.
    package var paths: [String] {
        sources.compactMap { source in if case .path(let path) = source { path } else { nil } }
    }

    /// The sources that are heredocs, in the order written.
    package var heredocs: [Heredoc] {
        sources.compactMap { source in if case .heredoc(let heredoc) = source { heredoc } else { nil } }
    }
}

/// One source of a `COPY` or `ADD`.
package enum CopySource: Hashable, Sendable {
    /// A path, wildcard or (for `ADD`) URL, unexpanded.
    case path(String)
    /// A file whose content stands in the Dockerfile; see ``Heredoc/content``.
    case heredoc(Heredoc)
}

/// `COPY`: copies from the context, a stage or an image.
package struct CopyInstruction: Hashable, Sendable {
    package var origin: Origin
    /// `--from`, never expanded; empty means the build context as nil does.
    package var from: String?
    /// `--chown`, unexpanded.
    package var chown: String?
    /// `--chmod`, unexpanded.
    package var chmod: String?
    /// `--link`.
    package var link: Bool
    /// `--parents`.
    package var parents: Bool
    /// Each `--exclude`, never expanded.
    package var exclude: [String]
    package var operands: CopyOperands
}

/// `ADD`: copies from the context, from URLs and Git repositories, and unpacks archives.
package struct AddInstruction: Hashable, Sendable {
    package var origin: Origin
    /// `--chown`, unexpanded.
    package var chown: String?
    /// `--chmod`, unexpanded.
    package var chmod: String?
    /// `--link`.
    package var link: Bool
    /// `--keep-git-dir`, nil where it is not given.
    package var keepGitDirectory: Bool?
    /// `--checksum`, unexpanded.
    package var checksum: String?
    /// `--unpack`, nil where it is not given: local archives are unpacked, downloads are not.
    package var unpack: Bool?
    /// Each `--exclude`, never expanded.
    package var exclude: [String]
    package var operands: CopyOperands
}

/// `WORKDIR`: sets and creates the working directory.
package struct WorkdirInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The rest of the line, unexpanded, not split.
    package var path: String
}

/// `VOLUME`: declares mount points.
package struct VolumeInstruction: Hashable, Sendable {
    package var origin: Origin
    /// The paths, unexpanded, none of them blank before expansion.
    package var paths: [String]
    /// Whether the JSON form was used.
    package var isJSON: Bool
}
