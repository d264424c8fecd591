import Glibc
import LinuxSystem
import Synchronization

/// What processes use of the cache directory, so that nobody removes it meanwhile.
///
/// Whoever uses an item holds a lock that others may hold, too; whoever removes it must have it alone. The locks are
/// bytes of one file, so that they cost one system call and no descriptor, and end with the process.
///
/// The order matters: a user holds an item first and then looks whether it is there; who removes it claims it first,
/// takes its record away, then its files, and then ends the claim.
package final class ItemsInUse: Sendable {
    /// False where the kernel has no locks on bytes: then an item can be claimed only while nobody else has the cache
    /// directory open.
    package let isPrecise: Bool
    private let locks: ByteLocks
    private let claims: ByteLocks
    private let state = Mutex(State())

    private struct State {
        /// How often this process holds what.
        var held: [CacheItem: Int] = [:]
        var claimed: Set<CacheItem> = []
        var hasNew = false
        /// Whether this process has the cache directory for itself.
        var isAlone = false
    }

    init(in directory: borrowing Directory) throws {
        locks = try ByteLocks("locks/in-use", in: directory)
        claims = try ByteLocks("locks/in-use", in: directory)
        isPrecise = (try? claims.isTaken(0)) != nil
    }

    /// Holds an item for as long as this process lives or until it is released as often; false where somebody is about
    /// to remove it.
    func hold(_ item: CacheItem) throws -> Bool {
        try state.withLock { state in
            if let count = state.held[item] {
                state.held[item] = count + 1
                return true
            }
            guard try isPrecise ? locks.take(item.lockOffset, .shared) : !state.claimed.contains(item) else {
                return false
            }
            state.held[item] = 1
            return true
        }
    }

    /// Holds an item that is about to be made; waits shortly where one of the same name is being removed.
    func holdNew(_ item: CacheItem) throws {
        while try !hold(item) { usleep(500) }
        state.withLock { $0.hasNew = true }
    }

    /// Says that this process begins to make something.
    func noteNew() {
        state.withLock { $0.hasNew = true }
    }

    /// Whether this process has made anything, or begun to.
    package var hasNew: Bool { state.withLock { $0.hasNew } }

    /// Gives all holds of an item back.
    func releaseEntirely(_ item: CacheItem) {
        state.withLock { state in
            guard state.held.removeValue(forKey: item) != nil, isPrecise else { return }
            locks.release(item.lockOffset)
        }
    }

    /// Gives everything back that this process holds, because it will use nothing of it any more.
    func releaseAll() {
        state.withLock { state in
            if isPrecise { for item in state.held.keys { locks.release(item.lockOffset) } }
            state.held = [:]
        }
    }

    /// Gives one hold of an item back.
    func release(_ item: CacheItem) {
        state.withLock { state in
            guard let count = state.held[item] else { return }
            state.held[item] = count > 1 ? count - 1 : nil
            if count == 1, isPrecise { locks.release(item.lockOffset) }
        }
    }

    /// Whether this process or another one uses an item.
    package func contains(_ item: CacheItem) throws -> Bool {
        guard isPrecise else { return state.withLock { $0.held[item] != nil } }
        return try claims.isTaken(item.lockOffset)
    }

    /// Claims an item for removing or replacing it; `nil` where anybody uses it, this process too.
    func claim(_ item: CacheItem) throws -> ItemClaim? {
        let isMine = try state.withLock { state in
            guard !state.claimed.contains(item), isPrecise || state.isAlone && state.held[item] == nil else {
                return false
            }
            if isPrecise, try !claims.take(item.lockOffset, .exclusive) { return false }
            state.claimed.insert(item)
            return true
        }
        return isMine ? ItemClaim(item, in: self) : nil
    }

    /// Says whether this process has the cache directory for itself.
    func setAlone(_ isAlone: Bool) {
        state.withLock { $0.isAlone = isAlone }
    }

    fileprivate func end(_ item: CacheItem) {
        state.withLock { state in
            state.claimed.remove(item)
            if isPrecise { claims.release(item.lockOffset) }
        }
    }
}

/// An item that nobody else uses, as long as this value lives.
final class ItemClaim: Sendable {
    let item: CacheItem
    private let items: ItemsInUse

    fileprivate init(_ item: CacheItem, in items: ItemsInUse) {
        self.item = item
        self.items = items
    }

    deinit { items.end(item) }
}
