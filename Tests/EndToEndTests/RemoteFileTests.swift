import Synchronization
import Testing

/// `ADD <url>`, from a server on loopback (spec/03 §3.4).
@Suite struct RemoteFileTests {
    private static let november = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let digest = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

    /// A server whose file `/dir/file.txt` can be changed, with the validators given.
    private final class Origin: Sendable {
        let server: FileServer
        private let shared: SharedText

        init(_ validators: [String: String]) throws {
            let text = SharedText("hello\n")
            server = try FileServer { request in
                let version = text.value
                var headers = validators
                if headers["ETag"] != nil { headers["ETag"] = "\"\(version.utf8.count)\"" }
                headers["Date"] = "Sun, 06 Nov 1994 10:00:00 GMT"
                if let tag = headers["ETag"], request.headers["if-none-match"] == tag {
                    return FileServer.Reply(status: 304, headers: headers)
                }
                if let date = headers["Last-Modified"], request.headers["if-modified-since"] == date {
                    return FileServer.Reply(status: 304, headers: headers)
                }
                return .text(version, headers)
            }
            shared = text
        }

        func change(to text: String) { shared.value = text }
    }

    /// A text that the test and the server's thread share.
    private final class SharedText: Sendable {
        private let state: Mutex<String>

        init(_ text: String) { state = Mutex(text) }

        var value: String {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    @Test("the file has the name, mode and time that the rules say", arguments: Account.available)
    func attributes(account: Account) throws {
        let origin = try Origin(["Last-Modified": Self.november])
        let url = origin.server.url
        let project = try Project(
            """
            FROM scratch
            ADD \(url)/dir/file.txt?x=/y /a/
            ADD \(url)/dir/file.txt /b/renamed
            ADD --chmod=754 \(url)/dir/file.txt /c/
            ADD \(url)/ /d/
            ADD \(url)/with%20space /e/

            """,
            as: account
        )
        try project.build("-o", "out")
        let out = project.path("out")
        #expect(
            try FileTree.listing(out, format: "%P %m", conditions: ["-type", "f"]) == [
                "a/file.txt 600", "b/renamed 600", "c/file.txt 754", "d/__unnamed__ 600", "e/with space 600",
            ]
        )
        #expect(try FileTree.text("\(out)/a/file.txt") == "hello\n")
        #expect(try FileTree.status("\(out)/a/file.txt", "%Y") == "784111777")
    }

    @Test("without Last-Modified the time is the epoch; --chown gives the owner", .enabled(if: Machine.isRoot))
    func epochAndOwner() throws {
        let server = try FileServer { _ in .text("x") }
        let project = try Project("FROM scratch\nADD --chown=12:34 \(server.url)/f /f\n")
        try project.build("-o", "type=tar,dest=out.tar")
        let listing = try Command.check(
            "tar",
            ["--numeric-owner", "--full-time", "--utc", "-tvf", project.path("out.tar")]
        )
        #expect(listing.contains("-rw------- 12/34"), "\(listing)")
        #expect(listing.contains("1970-01-01 00:00:00"), "\(listing)")
    }

    @Test(
        "an unchanged file is not sent again, a changed one is noticed",
        arguments: [["ETag": ""], ["Last-Modified": november]]
    )
    func conditional(validators: [String: String]) throws {
        let origin = try Origin(validators)
        let project = try Project("FROM scratch\nADD \(origin.server.url)/file.txt /\n")
        try project.build("-o", "out")
        let second = try project.build("-o", "out")
        #expect(second.errors.contains("CACHED"), "\(second)")
        #expect(origin.server.requests.map(\.method) == ["GET", "GET"])
        #expect(origin.server.requests.last?.headers["if-none-match"] == (validators["ETag"] == nil ? nil : "\"6\""))
        guard validators["ETag"] != nil else { return }
        origin.change(to: "changed\n")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/file.txt")) == "changed\n")
        origin.change(to: "hello\n")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/file.txt")) == "hello\n")
    }

    @Test("a file that may have changed within the second of its date is asked for whole")
    func weakDate() throws {
        let origin = try Origin(["Last-Modified": "Sun, 06 Nov 1994 09:59:59 GMT"])
        let project = try Project("FROM scratch\nADD \(origin.server.url)/file.txt /\n")
        try project.build("-o", "out")
        origin.change(to: "later\n")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/file.txt")) == "later\n")
        #expect(origin.server.requests.allSatisfy { $0.headers["if-modified-since"] == nil })
    }

    @Test("a file that came again and is the same runs nothing again")
    func sameContent() throws {
        let origin = try Origin([:])
        let project = try Project("FROM scratch\nADD \(origin.server.url)/file.txt /\n")
        try project.build("-o", "out")
        let second = try project.build("-o", "out")
        #expect(origin.server.requests.count == 2)
        let addition = second.errorLines.filter { $0.hasSuffix(" CACHED") }
        #expect(addition.count == 2, "\(second)")
    }

    @Test("with a checksum a known file needs no server")
    func checksum() throws {
        let origin = try Origin(["ETag": ""])
        let project = try Project("FROM scratch\nADD --checksum=\(Self.digest) \(origin.server.url)/file.txt /\n")
        try project.build("-o", "out")
        origin.change(to: "changed\n")
        try project.build("-o", "out")
        #expect(origin.server.requests.count == 1)
        #expect(try FileTree.text(project.path("out/file.txt")) == "hello\n")
    }

    @Test("another content than the checksum says is an error that leaves nothing")
    func mismatch() throws {
        let origin = try Origin(["ETag": ""])
        let wrong = "sha256:" + String(repeating: "0", count: 64)
        let project = try Project("FROM scratch\nADD --checksum=\(wrong) \(origin.server.url)/file.txt /\n")
        for _ in 1...2 {
            let outcome = try project.fail("-o", "out")
            #expect(outcome.errors.contains("digest mismatch \(Self.digest): \(wrong)"), "\(outcome)")
            #expect(outcome.errors.contains("2 | >>> ADD --checksum"), "\(outcome)")
        }
        #expect(origin.server.requests.count == 2)
        #expect(origin.server.requests.last?.headers["if-none-match"] == nil)
        #expect(!FileTree.exists(project.path("out")))
    }

    @Test("sha512 is a checksum too")
    func longChecksum() throws {
        let origin = try Origin([:])
        let sum = try Command.shell("printf 'hello\\n' | sha512sum | cut -d' ' -f1").prefix { $0 != "\n" }
        let project = try Project("FROM scratch\nADD --checksum=sha512:\(sum) \(origin.server.url)/file.txt /\n")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/file.txt")) == "hello\n")
    }

    @Test("an archive stays a file unless --unpack says otherwise", arguments: ["tar", "tar.gz", "tar.zst"])
    func unpack(kind: String) throws {
        let scratch = Scratch()
        try scratch.write("tree/inner", "inside\n")
        let archive = scratch.path("a.\(kind)")
        try Command.check("tar", ["-C", scratch.path("tree"), "-caf", archive, "inner"])
        let bytes = try FileTree.bytes(archive)
        let server = try FileServer { _ in .bytes(bytes) }
        let project = try Project(
            """
            FROM scratch
            ADD \(server.url)/a.\(kind) /file/
            ADD --unpack=false \(server.url)/a.\(kind) /same/
            ADD --unpack \(server.url)/a.\(kind) /tree/

            """
        )
        try project.build("-o", "out")
        #expect(try FileTree.bytes(project.path("out/file/a.\(kind)")) == bytes)
        #expect(try FileTree.bytes(project.path("out/same/a.\(kind)")) == bytes)
        #expect(try FileTree.text(project.path("out/tree/inner")) == "inside\n")
        #expect(server.requests.count == 1)
    }

    @Test("user and password of a URL reach the server and nothing else")
    func credentials() throws {
        let server = try FileServer { request in
            // user:hunter2
            request.headers["authorization"] == "Basic dXNlcjpodW50ZXIy" ? .text("x") : FileServer.Reply(status: 401)
        }
        let address = "user:hunter2@127.0.0.1:\(server.port)"
        let project = try Project("FROM scratch\nADD http://\(address)/f /\n")
        let outcome = try project.build("-o", "type=oci,dest=out.tar")
        #expect(!outcome.errors.contains("hunter2"), "\(outcome)")
        let layout = try LayoutView(archive: project.path("out.tar"))
        #expect(try !layout.config(".").contains("hunter2"))
        #expect(try Command.shell("grep -rl hunter2 \"$1\" || true", [project.cache]) == "")
        let wrong = try Project("FROM scratch\nADD http://user:hunter3@127.0.0.1:\(server.port)/f /\n")
        let refused = try wrong.fail("-o", "out")
        #expect(refused.errors.contains("invalid response status 401"), "\(refused)")
        let error = refused.errorLines.first { $0.hasPrefix("ERROR") } ?? ""
        #expect(error.contains("xxxxx@127.0.0.1") && !error.contains("hunter3"), "\(refused)")
    }

    @Test("the secret of a host is its authorization, and does not follow to another one")
    func secrets() throws {
        let other = try FileServer { request in
            request.headers["authorization"] == nil ? .text("moved\n") : FileServer.Reply(status: 400)
        }
        let target = other.url
        let server = try FileServer { request in
            guard request.headers["authorization"] == "Bearer t0ken" else { return FileServer.Reply(status: 403) }
            return FileServer.Reply(status: 302, headers: ["Location": "\(target)/elsewhere"])
        }
        let project = try Project("FROM scratch\nADD \(server.url)/f /\n", ["token": "t0ken\n"])
        try project.build("--secret", "id=HTTP_AUTH_TOKEN_127.0.0.1,src=token", "-o", "out")
        #expect(try FileTree.text(project.path("out/f")) == "moved\n")
        let outcome = try Project("FROM scratch\nADD \(server.url)/f /\n").fail("-o", "out")
        #expect(outcome.errors.contains("hint: give the secret `HTTP_AUTH_TOKEN_HOST`"), "\(outcome)")
    }

    @Test("what goes wrong is said with the instruction and the URL")
    func failures() throws {
        let server = try FileServer { request in
            switch request.target {
            case "/missing": .notFound
            case "/loop": FileServer.Reply(status: 302, headers: ["Location": "/loop"])
            case "/away": FileServer.Reply(status: 302, headers: ["Location": "file:///etc/passwd"])
            case "/short": FileServer.Reply(body: Array("abc".utf8), announcedLength: 10)
            default: FileServer.Reply(status: 500)
            }
        }
        let free = try FreePort.find()
        for (url, reason) in [
            ("\(server.url)/missing", "failed to load cache key: cannot fetch `URL`: invalid response status 404"),
            ("\(server.url)/broken", "cannot fetch `URL`: invalid response status 500"),
            ("\(server.url)/loop", "cannot fetch `URL`: too many redirects"),
            ("\(server.url)/away", "cannot fetch `URL`: redirect to an unusable place"),
            ("\(server.url)/short", "cannot fetch `URL`: "),
            ("http://127.0.0.1:\(free)/f", "cannot fetch `URL`: connection refused"),
        ] {
            let project = try Project("FROM scratch\nADD \(url) /\n")
            let outcome = try project.fail("-o", "out")
            let expected = reason.split(separator: "URL", omittingEmptySubsequences: false).joined(separator: url)
            #expect(outcome.errors.contains(expected), "\(outcome)")
            #expect(outcome.errors.contains("   2 | >>> ADD \(url)"), "\(outcome)")
            #expect(!FileTree.exists(project.path("out")))
        }
    }

    @Test("a transfer that breaks is begun anew")
    func interrupted() throws {
        let count = SharedText("")
        let server = try FileServer { _ in
            count.value += "x"
            let isFirst = count.value.utf8.count == 1
            return FileServer.Reply(body: Array((isFirst ? "who" : "whole\n").utf8), announcedLength: 6)
        }
        let project = try Project("FROM scratch\nADD \(server.url)/f /\n")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/f")) == "whole\n")
    }

    @Test("files are fetched through the proxy of the environment")
    func proxy() throws {
        let server = try FileServer { request in
            request.headers["host"] == "files.invalid" ? .text("through\n") : .notFound
        }
        let project = try Project("FROM scratch\nADD http://files.invalid/f /\n")
        try project.build("-o", "out", environment: ["http_proxy": server.url, "no_proxy": ""])
        #expect(try FileTree.text(project.path("out/f")) == "through\n")
        #expect(server.requests.map(\.target) == ["files.invalid:80", "/f"])
    }

    @Test(
        "https needs a trusted certificate, and does not lead to http",
        .enabled(if: Machine.has("openssl"), "openssl is not installed")
    )
    func encrypted() throws {
        let plain = try FileServer { _ in .text("plain\n") }
        let scratch = Scratch()
        let port = try FreePort.find()
        try Command.shell(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out certificate \
                -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 2>/dev/null
            printf 'HTTP/1.0 200 OK\\r\\nContent-Length: 7\\r\\n\\r\\nsecure\\n' > file
            printf 'HTTP/1.0 302 Found\\r\\nContent-Length: 0\\r\\nLocation: %s/f\\r\\n\\r\\n' "$1" > away
            """,
            [plain.url],
            in: scratch.root
        )
        // Serves the files as they are, heads included.
        let server = try Janitor.Service(
            [
                "env", "-C", scratch.root, "openssl", "s_server", "-HTTP", "-accept", "127.0.0.1:\(port)", "-cert",
                "certificate", "-key", "key",
            ],
            ready: "ACCEPT"
        )
        let trust = ["SSL_CERT_FILE": scratch.path("certificate")]
        let good = try Project("FROM scratch\nADD https://127.0.0.1:\(port)/file /\n")
        try good.build("-o", "out", environment: trust)
        #expect(try FileTree.text(good.path("out/file")) == "secure\n")
        let untrusted = try Project("FROM scratch\nADD https://127.0.0.1:\(port)/file /\n").fail("-o", "out")
        #expect(untrusted.errors.contains("the certificate is not trusted"), "\(untrusted)")
        #expect(untrusted.errors.contains("hint: set `SSL_CERT_FILE`"), "\(untrusted)")
        let away = try Project("FROM scratch\nADD https://127.0.0.1:\(port)/away /\n")
        let refused = try away.fail("-o", "out", environment: trust)
        #expect(refused.errors.contains("redirect to an unusable place"), "\(refused)")
        #expect(plain.requests.isEmpty)
        server.stop()
    }
}
