import NIOHTTP1
import Testing

@testable import Registry

@Suite struct FileClientTests {
    @Test(
        "dates in all three forms",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("yesterday", nil), ("Sun, 06 Nov 1994 25:49:37 GMT", nil),
            ("Sun, 99 Nov 1994 08:49:37 GMT", nil), ("", nil),
        ] as [(String, Int64?)]
    )
    func dates(text: String, seconds: Int64?) {
        #expect(HTTPDate.seconds(text) == seconds)
    }

    @Test(
        "file names of Content-Disposition",
        arguments: [
            ("attachment; filename=plain.txt", "plain.txt"), ("attachment; filename=\"a b; c.txt\"", "a b; c.txt"),
            ("attachment; filename=\"say \\\"hi\\\"\"", "say \"hi\""), ("inline; FILENAME=x; size=3", "x"),
            ("attachment; filename=old; filename*=UTF-8''na%C3%AFve.txt", "naïve.txt"),
            ("attachment; filename*=latin1''x; filename=y", "y"), ("attachment", nil), ("", nil),
            ("attachment; filename*=UTF-8''%zz", nil),
        ] as [(String, String?)]
    )
    func dispositions(header: String, name: String?) {
        #expect(ContentDisposition.filename(header) == name)
    }

    @Test("a file arrives in pieces, with what the server says of it")
    func content() async throws {
        let reply = ScriptedServer.Reply(
            headers: [("ETag", "\"1\""), ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")],
            body: Array("hello".utf8)
        )
        try await ScriptedServer.with { _, _ in
            reply
        } _: { server in
            let client = FileClient(environment: [:])
            defer { client.shutdown() }
            let request = FileRequest(url: "http://\(server.host)/f", name: "f")
            guard case .content(let content) = try await client.get(request) else { throw FileError.status("f", 0) }
            var bytes: [UInt8] = []
            try await content.read { chunk in chunk.withUnsafeBytes { bytes += $0 } }
            #expect(bytes == Array("hello".utf8))
            #expect(content.size == 5)
            #expect(content.modified == 784_111_777)
            // Without the server's own date nothing says that the second was over.
            #expect(content.validators == FileValidators(entityTag: "\"1\"", lastModified: nil))
        }
    }

    @Test("a known version is asked for by its tag, else by its date")
    func known() async throws {
        try await ScriptedServer.with { _, _ in
            ScriptedServer.Reply(status: .notModified)
        } _: { server in
            let client = FileClient(environment: [:])
            defer { client.shutdown() }
            var request = FileRequest(url: "http://\(server.host)/f", name: "f")
            for known in [
                FileValidators(entityTag: "W/\"1\"", lastModified: "then"),
                FileValidators(entityTag: nil, lastModified: "then"),
            ] {
                request.known = known
                guard case .unchanged = try await client.get(request) else { throw FileError.status("f", 0) }
            }
            #expect(server.requests.map { $0.header("If-None-Match") } == ["W/\"1\"", nil])
            #expect(server.requests.map { $0.header("If-Modified-Since") } == [nil, "then"])
            request.known = nil
            await #expect(throws: FileError.status("f", 304)) { try await client.get(request) }
        }
    }

    @Test(
        "whether a version is current is asked without a body",
        arguments: [
            (.notModified, [], true), (.ok, [("ETag", "W/\"1\"")], true), (.ok, [("ETag", "\"2\"")], false),
            (.ok, [], nil), (.ok, [("Last-Modified", "then")], nil), (.methodNotAllowed, [], nil),
            (.forbidden, [], nil),
        ] as [(HTTPResponseStatus, [(String, String)], Bool?)]
    )
    func current(status: HTTPResponseStatus, headers: [(String, String)], isCurrent: Bool?) async throws {
        try await ScriptedServer.with { _, _ in
            ScriptedServer.Reply(status: status, headers: headers)
        } _: { server in
            let client = FileClient(environment: [:])
            defer { client.shutdown() }
            var request = FileRequest(url: "http://\(server.host)/f", name: "f")
            let unasked = try await client.isCurrent(request)
            #expect(unasked == nil)
            request.known = FileValidators(entityTag: "\"1\"", lastModified: "then")
            let answer = try await client.isCurrent(request)
            #expect(answer == isCurrent)
            #expect(server.requests.map(\.method) == ["HEAD"])
        }
    }

    @Test("a file that is gone is no version of it")
    func gone() async throws {
        try await ScriptedServer.with { _, _ in
            ScriptedServer.Reply(status: .notFound)
        } _: { server in
            let client = FileClient(environment: [:])
            defer { client.shutdown() }
            var request = FileRequest(url: "http://\(server.host)/f", name: "f")
            request.known = FileValidators(entityTag: "\"1\"", lastModified: nil)
            await #expect(throws: FileError.status("f", 404)) { _ = try await client.isCurrent(request) }
        }
    }

    @Test("a redirect to another host loses the authorization, also that of the URL")
    func redirect() async throws {
        try await ScriptedServer.with { _, _ in
            ScriptedServer.Reply(body: [1])
        } _: { other in
            let location = "http://\(other.host)/g"
            let reply = ScriptedServer.Reply(status: .found, headers: [("Location", location)])
            try await ScriptedServer.with { _, _ in
                reply
            } _: { server in
                let client = FileClient(environment: [:])
                defer { client.shutdown() }
                let request = FileRequest(url: "http://me:p%40ss@\(server.host)/f", name: "f")
                _ = try await client.get(request)
                // me:p@ss
                #expect(server.requests.map { $0.header("Authorization") } == ["Basic bWU6cEBzcw=="])
                #expect(other.requests.map { $0.header("Authorization") } == [nil])
            }
        }
    }
}
