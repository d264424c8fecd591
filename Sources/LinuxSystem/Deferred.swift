import Synchronization

/// What somebody else is about to find out: a value or why there is none.
package final class Deferred<Value: Sendable>: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Value, any Error>])
        case known(Result<Value, any Error>)
    }

    private let state = Mutex(State.waiting([]))

    package init() {}

    /// Lets all have it who wait or will ask; only the first result counts.
    package func set(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<Value, any Error>] in
            guard case .waiting(let waiting) = state else { return [] }
            state = .known(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }

    /// Whether there is a result.
    package var isKnown: Bool {
        state.withLock { if case .known = $0 { true } else { false } }
    }

    /// The value, once it is known.
    package var value: Value {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state -> Result<Value, any Error>? in
                    switch state {
                    case .known(let result): return result
                    case .waiting(let waiting):
                        state = .waiting(waiting + [continuation])
                        return nil
                    }
                }
                if let known { continuation.resume(with: known) }
            }
        }
    }
}
