import Glibc

/// State that threads of ours change under a lock and wait on.
///
/// `Mutex` of the standard library has nothing to wait on, and what waits here is no task.
package final class Monitor<State: Sendable>: Sendable {
    // Both are guarded by the lock, whose address must not change.
    private nonisolated(unsafe) var state: State
    private nonisolated(unsafe) let lock: UnsafeMutablePointer<pthread_mutex_t>
    private nonisolated(unsafe) let changed: UnsafeMutablePointer<pthread_cond_t>

    package init(_ state: State) {
        self.state = state
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Changes the state and wakes all who wait.
    package func update(_ change: (inout State) -> Void) {
        pthread_mutex_lock(lock)
        change(&state)
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// Changes the state where that concerns nobody who waits.
    @discardableResult
    package func updateQuietly<Value>(_ change: (inout State) -> Value) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return change(&state)
    }

    /// Waits until `take` gives a value; what it changes is seen by the others.
    package func wait<Value>(for take: (inout State) -> Value?) -> Value {
        pthread_mutex_lock(lock)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(lock)
        }
        return awaitValue(take)
    }

    /// The same where what `take` changes concerns nobody who waits.
    package func waitQuietly<Value>(for take: (inout State) -> Value?) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return awaitValue(take)
    }

    /// The same under the lock, which is free while it waits.
    private func awaitValue<Value>(_ take: (inout State) -> Value?) -> Value {
        while true {
            if let value = take(&state) { return value }
            pthread_cond_wait(changed, lock)
        }
    }
}
