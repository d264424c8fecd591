/// What `swbuild du` says of a cache directory, and what the directory takes.
struct CacheUsage {
    /// ID, kind and size of each row, as they are shown.
    let rows: [[String]]

    /// What `du -s` says, in bytes.
    let onDisk: Int64

    /// Asks both about a project's cache directory, or the one in `cache`.
    init(of project: Project, in cache: String? = nil) throws {
        let root = cache ?? project.cache
        rows = try Self.rows(of: project, environment: ["XDG_CACHE_HOME": root])
        onDisk = try Self.onDisk(root)
    }

    /// The rows of `du` with more arguments.
    static func rows(
        of project: Project,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> [[String]] {
        let line = ["du", "--format", "{{.ID}}\t{{.Type}}\t{{.Size}}"] + arguments
        let outcome = try project.command(line, environment: environment).run()
        guard outcome.succeeded else { throw Command.Failure.failed("swbuild du", outcome) }
        return outcome.text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    }

    /// The bytes that the cache directory in `root` takes, as `du` says.
    static func onDisk(_ root: String) throws -> Int64 {
        let text = try Command.check("du", ["-s", "-B1", "\(root)/swbuild"])
        return Int64(text.prefix { $0.isNumber }) ?? 0
    }

    /// Bytes by which the sum of the rows is beside what the directory takes, beyond what the digits shown leave open.
    var difference: Double {
        let sizes = rows.map { Self.bytes($0[2]) }
        let open = sizes.reduce(0) { $0 + $1.open }
        let gap = sizes.reduce(0) { $0 + $1.size } - Double(onDisk)
        return gap.magnitude <= open + 0.5 ? 0 : gap
    }

    /// A size, and half of what its last digit stands for.
    static func bytes(_ text: String) -> (size: Double, open: Double) {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = ["B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9][String(text.dropFirst(digits.count))] ?? .nan
        let size = (Double(digits) ?? .nan) * unit
        // Four digits are shown.
        var step = 1.0
        while size >= step * 10_000 { step *= 10 }
        return (size, step > 1 ? step / 2 : 0)
    }
}
