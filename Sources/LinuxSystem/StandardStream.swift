import Glibc

/// The streams that the process was started with; nobody owns or closes them.
package enum StandardStream: Int32, Sendable {
    case input = 0
    case output = 1
    case error = 2

    /// Whether the stream is a terminal.
    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Columns and rows of the terminal; nil where the stream is none.
    package var terminalSize: (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes every byte; an error is thrown, as when the reader of a pipe is gone.
    package func write(_ bytes: [UInt8]) throws(SystemError) {
        try duplicate().writeAll(bytes)
    }

    /// Writes text and a newline; what cannot be written is lost, since there is nowhere to tell of it.
    package func print(_ text: String) {
        try? write(Array(text.utf8) + [UInt8(ascii: "\n")])
    }

    /// A descriptor of the stream that the caller owns.
    package func duplicate() throws(SystemError) -> FileDescriptor {
        FileDescriptor(owning: try FileDescriptor.duplicate(rawValue))
    }
}
