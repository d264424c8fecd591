import Glibc

/// A counting semaphore between the threads of this process, for threads that may block.
final class Semaphore: Sendable {
    // Made once, given back in `deinit`, and only touched by sem_post(3) and sem_wait(3), which are safe with threads.
    private nonisolated(unsafe) let semaphore: UnsafeMutablePointer<sem_t>

    /// A semaphore whose count is `value`.
    init(_ value: Int = 0) {
        semaphore = .allocate(capacity: 1)
        semaphore.initialize(to: sem_t())
        sem_init(semaphore, 0, UInt32(value))
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Counts up and wakes one that waits.
    func signal() {
        sem_post(semaphore)
    }

    /// Waits until the count is above zero, and counts down.
    func wait() {
        while sem_wait(semaphore) != 0 {}
    }
}
