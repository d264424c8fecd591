/// Which system calls of a step are answered by its `Supervision`.
package struct SupervisedCalls: Hashable, Sendable {
    /// A classic BPF program that notifies of them.
    package var program: [UInt8]
    /// What happens where somebody answers the builder's own calls already: the kernel takes no second one.
    package var fallback: Fallback

    package enum Fallback: Hashable, Sendable {
        /// The step fails.
        case none
        /// It goes on without.
        case unsupervised
        /// It goes on with another program, which notifies of nothing.
        case program([UInt8])
    }

    package init(program: [UInt8], fallback: Fallback) {
        self.program = program
        self.fallback = fallback
    }
}
