/// The signals that `STOPSIGNAL` accepts, on Linux.
package enum StopSignal {
    private static let names: Set<String> = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
        "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
        "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    ]

    /// Throws `invalid signal: …`, without range, for 0 and for names that no signal has, in any case, with or
    /// without `SIG`.
    package static func validate(_ text: String) throws(ParseError) {
        let isValid: Bool
        if let number = Int(text) {
            isValid = number != 0
        } else {
            let name = text.uppercased()
            isValid = isKnown(name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name)
        }
        if !isValid { throw ParseError("invalid signal: \(text)", culprit: text) }
    }

    private static func isKnown(_ name: String) -> Bool {
        if names.contains(name) { return true }
        if let (base, offset) = name.cut(at: "+"), base == "RTMIN", let offset = Int(offset) { return 1...15 ~= offset }
        if let (base, offset) = name.cut(at: "-"), base == "RTMAX", let offset = Int(offset) { return 1...14 ~= offset }
        return false
    }
}
