import LinuxSystem
import OCI
import Testing

@testable import Storage

struct DatabaseTests {
    @Test func digestsBlobsAndImagesAreFoundAgain() async throws {
        try await withCache { cache throws in
            let snapshot = try cache.layer(["a": "1"])
            let database = cache.database
            let first = Digest.sha256(of: "1")
            let second = Digest.sha256(of: "2")
            #expect(try database.contentDigest(of: snapshot, selector: first) == nil)
            try database.setContentDigest(second, of: snapshot, selector: first)
            #expect(try database.contentDigest(of: snapshot, selector: first) == second)
            let blob = LayerBlob(digest: first, size: 1 << 40, diffID: second)
            try database.setLayerBlob(blob, of: snapshot, encoding: "gzip")
            #expect(try database.layerBlob(of: snapshot, encoding: "gzip") == blob)
            #expect(try database.layerBlob(of: snapshot, encoding: "zstd") == nil)
            #expect(try database.layerBlobs(of: snapshot) == ["gzip": blob])
            try database.setImage(first, reference: "docker.io/library/alpine:latest", platform: "linux/amd64")
            try database.setImage(second, reference: "docker.io/library/alpine:latest", platform: "linux/amd64")
            let image = try database.image("docker.io/library/alpine:latest", platform: "linux/amd64")
            #expect(image?.digest == second && image?.lastSeen ?? 0 > 1_000_000)
            #expect(try database.image("other", platform: "linux/amd64") == nil)
        }
    }

    @Test func transactionsThatThrowAreTakenBack() async throws {
        try await withCache { cache throws in
            #expect(throws: StorageError.abandoned) {
                try cache.database.withConnection { connection in
                    try connection.transaction { connection in
                        try connection.run("INSERT INTO images VALUES ('a', 'b', 'c', 1)")
                        throw StorageError.abandoned
                    }
                }
            }
            let count = try cache.database.withConnection { try $0.query("SELECT 1 FROM images") { _ in 1 }.count }
            #expect(count == 0)
        }
    }

    @Test func manyWritersAtOnceLoseNothing() async throws {
        try await withTemporaryRoot { path throws in
            try await withThrowingTaskGroup { group in
                for number in 0..<4 {
                    let cache = try CacheDirectory.open(path, userxattr: false)
                    group.addTask {
                        for step in 0..<50 {
                            try cache.results.record("\(number) \(step)", .empty)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let cache = try CacheDirectory.open(path, userxattr: false)
            for number in 0..<4 {
                #expect(try cache.results.lookup("\(number) 49")?.snapshot == .empty)
            }
        }
    }

    @Test func newerDatabasesAreRefused() async throws {
        try await withTemporaryRoot { path throws in
            _ = try CacheDirectory.open(path, userxattr: false).database.withConnection {
                try $0.execute("PRAGMA user_version=99")
            }
            #expect(throws: StorageError.newerDatabase(version: 99)) {
                _ = try CacheDirectory.open(path, userxattr: false)
            }
        }
    }

    @Test func filesThatAreNoDatabaseAreErrors() async throws {
        try await withTemporaryRoot { path throws in
            try Directory.open(path).writeFile("swbuild.db", Array(repeating: 0x55, count: 5000))
            let error = #expect(throws: StorageError.self) {
                _ = try CacheDirectory.open(path, userxattr: false)
            }
            #expect(error?.description.contains("not a database") == true)
        }
    }

    @Test func valuesOfAllKindsComeBack() async throws {
        try await withCache { cache throws in
            let rows = try cache.database.withConnection { connection in
                try connection.query(
                    "SELECT ?, ?, ?, ?, ?",
                    .integer(-1),
                    .text("ä\u{1F600}"),
                    .blob([0, 255]),
                    .blob([]),
                    .null
                ) { ($0.integer(0), $0.text(1), $0.blob(2), $0.blob(3), $0.blob(4)) }
            }
            #expect(rows.count == 1)
            #expect(rows[0].0 == -1 && rows[0].1 == "ä\u{1F600}")
            #expect(rows[0].2 == [0, 255] && rows[0].3 == [] && rows[0].4 == nil)
        }
    }
}
