import LinuxSystem
import Synchronization
import Testing

@Suite struct WorkerThreadsTests {
    private struct Failure: Error, Equatable {
        let number: Int
    }

    @Test(arguments: [1, 2, 7])
    func everythingIsDoneOnceBeforeItReturns(threads: Int) throws {
        let done = Mutex<[Int]>([])
        let result = try WorkerThreads.run("test", count: threads) { workers in
            for number in 0..<500 { try workers.submit(size: 1) { done.withLock { $0.append(number) } } }
            return "result"
        }
        #expect(result == "result")
        #expect(done.withLock { $0.sorted() } == Array(0..<500))
        if threads == 1 { #expect(done.withLock { $0 } == Array(0..<500)) }
    }

    @Test func drainingWaits() throws {
        let done = Atomic<Int>(0)
        try WorkerThreads.run("test") { workers in
            for round in 1...5 {
                for _ in 0..<100 { try workers.submit(size: 1) { done.add(1, ordering: .relaxed) } }
                try workers.drain()
                #expect(done.load(ordering: .relaxed) == round * 100)
            }
        }
    }

    @Test func theFirstFailureIsThrownAndTheRestDropped() throws {
        let done = Atomic<Int>(0)
        #expect(throws: Failure(number: 3)) {
            try WorkerThreads.run("test", count: 1) { workers in
                for number in 0..<1000 {
                    try workers.submit(size: 1) {
                        if number == 3 { throw Failure(number: number) }
                        done.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        #expect(done.load(ordering: .relaxed) == 3)
    }

    @Test func aFailureOfTheBodyIsThrownAfterWorkHasEnded() throws {
        let done = Atomic<Int>(0)
        #expect(throws: Failure(number: -1)) {
            try WorkerThreads.run("test", count: 2) { workers in
                for _ in 0..<10 { try workers.submit(size: 1) { done.add(1, ordering: .relaxed) } }
                throw Failure(number: -1)
            }
        }
        #expect(done.load(ordering: .relaxed) == 10)
    }

    @Test func withoutWorkNothingHappens() throws {
        #expect(try WorkerThreads.run("test") { _ in 5 } == 5)
    }
}
