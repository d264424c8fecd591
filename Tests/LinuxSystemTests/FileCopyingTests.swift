import LinuxSystem
import Testing

struct FileCopyingTests {
    @Test(arguments: [0, 1, 131_072, 300_001])
    func copiesHaveTheSameBytesAndSoHaveTheChunks(_ size: Int) throws {
        try withTemporaryDirectory { root, _ throws in
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try root.writeFile("from", bytes)
            let first = try root.openFile("first", [.readWrite, .create])
            try copyFile(from: root.openFile("from"), to: first)
            #expect(try root.readFile("first") == bytes)
            var chunks: [UInt8] = []
            let second = try root.openFile("second", [.readWrite, .create])
            try copyFile(from: root.openFile("from"), to: second) { chunks.append(contentsOf: $0) }
            #expect(try root.readFile("second") == bytes)
            #expect(chunks == bytes)
        }
    }

    @Test func filesWithoutASizeAreReadToTheirEnd() throws {
        try withTemporaryDirectory { root, _ throws in
            let target = try root.openFile("status", [.readWrite, .create])
            try copyFile(from: FileDescriptor.open("/proc/self/status"), to: target)
            #expect(try root.text("status").contains("Name:"))
        }
    }

    @Test func sharedLocksExcludeExclusiveOnes() throws {
        try withTemporaryDirectory { root, _ throws in
            do {
                let first = try FileLock.acquire("lock", in: root, .shared)
                #expect(isHeld(try FileLock.tryAcquire("lock", in: root, .shared)))
                #expect(!isHeld(try FileLock.tryAcquire("lock", in: root, .exclusive)))
                withExtendedLifetime(first.descriptor.raw) {}
            }
            #expect(isHeld(try FileLock.tryAcquire("lock", in: root, .exclusive)))
        }
    }

    @Test func locksChangeTheirModeIfNobodyIsInTheWay() throws {
        try withTemporaryDirectory { root, _ throws in
            let first = try FileLock.acquire("lock", in: root, .shared)
            do {
                let second = try FileLock.acquire("lock", in: root, .shared)
                #expect(try !first.change(to: .exclusive))
                withExtendedLifetime(second.descriptor.raw) {}
            }
            #expect(try first.change(to: .exclusive))
            #expect(!isHeld(try FileLock.tryAcquire("lock", in: root, .shared)))
            #expect(try first.change(to: .shared))
            #expect(isHeld(try FileLock.tryAcquire("lock", in: root, .shared)))
        }
    }

    @Test func disksHaveSpace() throws {
        let space = try FileDescriptor.open("/").diskSpace()
        #expect(space.total > 0 && space.available <= space.total)
    }

    private func isHeld(_ lock: consuming FileLock?) -> Bool {
        switch consume lock {
        case .some: true
        case .none: false
        }
    }
}
