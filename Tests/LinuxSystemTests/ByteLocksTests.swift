import LinuxSystem
import Testing

struct ByteLocksTests {
    @Test func everyValueIsSomebodyElse() throws {
        try withTemporaryDirectory { directory, _ throws in
            let first = try ByteLocks("locks", in: directory)
            let second = try ByteLocks("locks", in: directory)
            let (near, far) = (Int64(7), Int64(3) << 56 | 0xffff_ffff_ffff)
            #expect(try first.take(near, .shared) && second.take(near, .shared) && second.take(far, .exclusive))
            #expect(try !first.take(near, .exclusive) && !first.take(far, .shared))
            #expect(try first.isTaken(near) && first.isTaken(far) && !second.isTaken(far) && !first.isTaken(8))
            second.release(near)
            #expect(try !first.isTaken(near) && first.take(near, .exclusive))
        }
    }

    @Test func locksEndWithTheValue() throws {
        try withTemporaryDirectory { directory, _ throws in
            let watcher = try ByteLocks("locks", in: directory)
            do {
                let holder = try ByteLocks("locks", in: directory)
                #expect(try holder.take(1, .exclusive) && watcher.isTaken(1))
            }
            #expect(try !watcher.isTaken(1))
        }
    }
}
