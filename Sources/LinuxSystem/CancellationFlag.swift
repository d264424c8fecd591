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
        let waiting = handlers.withLock { handlers -> [@Sendable () -> Void] in
            flag.store(true, ordering: .releasing)
            defer { handlers.removeAll() }
            return Array(handlers.values)
        }
        for handler in waiting { handler() }
    }

    /// Throws if the flag is set.
    package func check() throws(Cancelled) {
        if isCancelled { throw Cancelled() }
    }

    /// Runs `body`; if the flag is set before it ends, `handler` runs at once, on the thread that sets it.
    package func withHandler<R>(
        _ handler: @escaping @Sendable () -> Void,
        _ body: () throws -> R
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
