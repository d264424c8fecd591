import Synchronization

/// Work was given up because somebody asked for it.
package struct Cancelled: Error, Hashable, CustomStringConvertible {
    package init() {}

    package var description: String { "canceled" }
}

/// Tells a blocking body that its result is no longer wanted.
package final class CancellationFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    private let handlers = Mutex<[Int: @Sendable () -> Void]>([:])

    package init() {}

    /// Whether `cancel` was called.
    package var isCancelled: Bool { flag.load(ordering: .acquiring) }

    /// Sets the flag and runs the handlers, once; idempotent.
    package func cancel() {
        handlers.withLock { handlers in
            flag.store(true, ordering: .releasing)
            // Under the lock, so that no handler runs after the body that it belongs to has ended.
            for handler in handlers.values { handler() }
            handlers.removeAll()
        }
    }

    /// Throws if the flag is set.
    package func check() throws(Cancelled) {
        if isCancelled { throw Cancelled() }
    }

    /// Runs `body`; if the flag is set before it ends, `handler` runs at once, on the thread that sets it.
    ///
    /// The handler must neither block nor use this flag's handlers.
    package func onCancel<R>(
        _ handler: @escaping @Sendable () -> Void,
        during body: () throws -> R
    ) rethrows -> R {
        let key = handlers.withLock { handlers -> Int? in
            if flag.load(ordering: .acquiring) { return nil }
            let key = (handlers.keys.max() ?? 0) + 1
            handlers[key] = handler
            return key
        }
        guard let key else {
            handler()
            return try body()
        }
        defer { handlers.withLock { $0[key] = nil } }
        return try body()
    }
}
