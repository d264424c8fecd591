import Archive
import Glibc
import LinuxSystem
import OCI
import Storage
import Testing

struct ContentStoreTests {
    private let bytes = Array("some content".utf8)

    @Test func committedBlobsAreReadBackAndChecked() async throws {
        try await withCache { cache throws in
            let digest = try cache.content.store(bytes)
            #expect(try cache.content.bytes(digest) == bytes)
            #expect(try cache.content.size(of: digest) == 12)
            #expect(try cache.content.open(digest, size: 12).readAll() == bytes)
            #expect(try cache.content.list().map(\.digest) == [digest])
            #expect(try cache.content.store(bytes) == digest)
            try cache.content.remove(digest)
            try cache.content.remove(digest)
            #expect(throws: StorageError.missingBlob(digest)) { _ = try cache.content.open(digest) }
        }
    }

    @Test func otherDigestsAndSizesAreRefusedAndNothingIsLeft() async throws {
        try await withCache { cache throws in
            let wrong = Digest.sha256(of: "other")
            let actual = Digest.sha256(of: bytes)
            let error = #expect(throws: StorageError.digestMismatch(expected: wrong, actual: actual)) {
                var writer = try cache.content.makeWriter()
                try writer.write(bytes)
                _ = try writer.commit(digest: wrong, size: 12)
            }
            #expect(error?.description == "digest mismatch: expected `\(wrong)`, got `\(actual)`")
            #expect(throws: StorageError.sizeMismatch(expected: 13, actual: 12)) {
                var writer = try cache.content.makeWriter()
                try writer.write(bytes)
                _ = try writer.commit(digest: actual, size: 13)
            }
            #expect(try cache.names(in: "ingest").isEmpty)
            #expect(try cache.content.list().isEmpty)
        }
    }

    @Test func otherAlgorithmsHaveTheirOwnDirectory() async throws {
        try await withCache { cache throws in
            var writer = try cache.content.makeWriter(algorithm: .sha512)
            try writer.write(bytes)
            let blob = try writer.commit()
            #expect(blob.digest.algorithm == .sha512)
            #expect(try cache.content.bytes(blob.digest) == bytes)
            #expect(try cache.names(in: "blobs/sha512") == [Path(blob.digest.hex)])
        }
    }

    @Test func restartedWritersForgetWhatTheyHad() async throws {
        try await withCache { cache throws in
            var writer = try cache.content.makeWriter()
            try writer.write([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9])
            try writer.restart()
            try writer.write(bytes)
            #expect(try writer.commit().digest == Digest.sha256(of: bytes))
        }
    }

    @Test func changedFilesAreFoundWhileReading() async throws {
        try await withCache { cache throws in
            let digest = try cache.content.store(bytes)
            let path = Path("blobs/sha256/\(digest.hex)")
            try cache.directory.writeFile(path, Array("some cOntent".utf8))
            #expect(throws: StorageError.self) { _ = try cache.content.bytes(digest) }
            #expect(throws: StorageError.self) {
                var reader = try cache.content.reader(digest)
                var sink = MemorySink()
                try reader.copy(to: &sink)
            }
            try cache.directory.writeFile(path, [1])
            #expect(throws: StorageError.missingBlob(digest)) { _ = try cache.content.open(digest, size: 12) }
            #expect(try !cache.content.contains(digest))
        }
    }

    @Test func growingBlobsAreReadWhileASlowWriterWrites() async throws {
        try await withCache { cache throws in
            var writer = try cache.content.makeWriter()
            let growing = writer.growing
            // The writer goes on only after the reader has seen each piece.
            let (seen, sawBytes) = AsyncStream.makeStream(of: Int.self)
            async let read = BlockingThread.run("reader") { _ in
                var reader = try growing.makeReader()
                var all: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 7)
                while true {
                    let count = try chunk.withUnsafeMutableBytes { try reader.read(into: $0) }
                    if count == 0 { break }
                    all += chunk[..<count]
                    sawBytes.yield(all.count)
                }
                sawBytes.finish()
                return all
            }
            var expected: [UInt8] = []
            var progress = seen.makeAsyncIterator()
            for round in 0..<20 {
                let piece = [UInt8](repeating: UInt8(round), count: 10)
                try writer.write(piece)
                expected += piece
                while let count = await progress.next(), count < expected.count {}
            }
            _ = try writer.commit(digest: Digest.sha256(of: expected), size: 200)
            #expect(try await read == expected)
        }
    }

    @Test func readersOfAGrowingBlobGetTheWritersError() async throws {
        try await withCache { cache throws in
            let wrong = Digest.sha256(of: "other")
            var writer = try cache.content.makeWriter()
            try writer.write(bytes)
            let growing = writer.growing
            let read = Task {
                try await BlockingThread.run("reader") { _ in
                    var reader = try growing.makeReader()
                    var sink = MemorySink()
                    try reader.copy(to: &sink)
                }
            }
            do {
                _ = try writer.commit(digest: wrong)
                Issue.record("a wrong digest was committed")
            } catch is StorageError {}
            await #expect(throws: StorageError.self) { try await read.value }
        }
    }

    @Test func readersOfADroppedBlobAreTold() async throws {
        try await withCache { cache throws in
            func abandoned() throws -> GrowingBlob {
                var writer = try cache.content.makeWriter()
                try writer.write(bytes)
                return writer.growing
            }
            let growing = try abandoned()
            await #expect(throws: StorageError.abandoned) {
                try await BlockingThread.run("reader") { _ in
                    var reader = try growing.makeReader()
                    var sink = MemorySink()
                    try reader.copy(to: &sink)
                }
            }
        }
    }
}
