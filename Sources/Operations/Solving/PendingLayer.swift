import LinuxSystem
import Storage
import Synchronization

/// A layer that is being made by several threads in turn, until one takes it to make it visible.
final class PendingLayer: Sendable {
    private let active: Mutex<ActiveSnapshot?>

    init(_ active: consuming sending ActiveSnapshot) {
        self.active = Mutex(active)
    }

    /// What the step sees as its root; may take as long as copying it.
    func root() throws -> StepRoot {
        try active.withLock { active in
            guard let root = try active?.stepRoot() else { throw StorageError.abandoned }
            return root
        }
    }

    /// Parent and changes as one tree, for file operations; not two at the same time.
    func mount() throws -> MountedTree {
        try active.withLock { active in
            guard let mount = try active?.mount() else { throw StorageError.abandoned }
            return mount
        }
    }

    /// The directory of the layer itself.
    func upper() throws -> Directory {
        try active.withLock { active in
            guard let upper = try active?.upper.duplicate() else { throw StorageError.abandoned }
            return upper
        }
    }

    /// Where the step leaves what it makes.
    func changes() throws -> Directory {
        try active.withLock { active in
            guard let changes = try active?.stepChanges() else { throw StorageError.abandoned }
            return changes
        }
    }

    /// Gives the layer away; once.
    func take() throws -> ActiveSnapshot {
        let taken = active.withLock { active in
            var taken: ActiveSnapshot?
            swap(&taken, &active)
            return taken
        }
        guard let taken else { throw StorageError.abandoned }
        return taken
    }
}
