import Archive
import Glibc
import LinuxSystem
import Testing

@Suite struct ArchiveErrorTests {
    static let messages: [(ArchiveError, String)] = [
        (.truncated(format: "gzip"), "cannot read gzip data: unexpected end of input"),
        (.trailingGarbage(format: "gzip"), "cannot read gzip data: garbage after its end"),
        (.corrupt(format: "zstd", detail: "no"), "cannot read zstd data: no"),
        (.unsupported(format: "xz"), "cannot read xz data: not supported by this build"),
        (.outOfMemory(format: "zstd"), "cannot start the zstd codec: out of memory"),
        (.tar(after: nil, detail: "no"), "cannot read tar archive: no"),
        (.tar(after: "a", detail: "no"), "cannot read tar archive at entry `a`: no"),
        (.unrepresentable(entry: "a", field: "x"), "cannot write tar entry `a`: its x does not fit the tar format"),
        (
            .sizeMismatch(entry: "a", announced: 1, written: 2),
            "cannot write tar entry `a`: it has 2 bytes instead of 1\nhint: the file changed while it was read"
        ),
        (
            .entry("a/b", operation: "write", SystemError("write", code: ENOSPC)),
            "cannot write `a/b`: no space left on device"
        ),
        (.layer("sha256:1", .refused(entry: "a", reason: "no")), "layer sha256:1: cannot unpack `a`: no"),
    ]

    @Test(arguments: messages)
    func errorsSayWhatFailedAndWhy(_ error: ArchiveError, _ message: String) {
        #expect(error.description == message)
    }
}
