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

    @Test func filesThatAreNoDatabaseAreMovedAside() async throws {
        try await withTemporaryRoot { path throws in
            let bytes = [UInt8](repeating: 0x55, count: 5000)
            try Directory.open(path).writeFile("swbuild.db", bytes)
            let cache = try CacheDirectory.open(path, userxattr: false)
            #expect(cache.database.damage?.hasSuffix("swbuild.db-damaged`, and a new one was begun") == true)
            #expect(try cache.directory.readFile("swbuild.db-damaged") == bytes)
            try cache.results.record("s k", try cache.layer(["a": "1"]))
            // It is told once.
            let next = try CacheDirectory.open(path, userxattr: false)
            #expect(next.database.damage == nil)
            #expect(try next.results.lookup("s k") != nil)
        }
    }

    @Test func aDatabaseThatIsDamagedWhileItIsOpenIsReplacedOnce() async throws {
        try await withTemporaryRoot { path throws in
            let first = try CacheDirectory.open(path, userxattr: false)
            let second = try CacheDirectory.open(path, userxattr: false)
            for number in 0..<500 { try first.results.record("s \(number)", .empty) }
            try first.database.withConnection { try $0.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
            let bytes = try first.directory.readFile("swbuild.db")
            let rubbish = [UInt8](repeating: 0x55, count: bytes.count - 4096)
            try first.directory.writeFile("swbuild.db", bytes.prefix(4096) + rubbish)
            for cache in [first, second] {
                // It has pages in memory.
                try cache.database.withConnection { try $0.execute("PRAGMA shrink_memory") }
                try cache.results.record("s new", .empty)
                #expect(try cache.results.lookup("s new") != nil)
                #expect(try cache.results.lookup("s 7") == nil)
            }
            #expect(first.database.damage != nil)
            let names = try first.names(in: "").filter { $0.string.contains("damaged") }
            #expect(names == ["swbuild.db-damaged"])
        }
    }

    @Test func aLayerBlobWhoseRecordChangedIsNoneAnyMore() async throws {
        try await withCache { cache throws in
            let blob = LayerBlob(digest: .sha256(of: "a"), size: 7, diffID: .sha256(of: "b"))
            for change in ["digest = replace(digest, ':', ':0')", "size = 8", "diff_id = replace(diff_id, 'e', 'f')"] {
                try cache.database.setLayerBlob(blob, of: .empty, encoding: "gzip")
                #expect(try cache.database.layerBlob(of: .empty, encoding: "gzip") == blob)
                try cache.database.withConnection { try $0.execute("UPDATE layer_blobs SET \(change)") }
                #expect(try cache.database.layerBlob(of: .empty, encoding: "gzip") == nil)
            }
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
