/// When an earlier layer that holds the same may stand for a new one.
package enum LayerReuse: Sendable, Hashable {
    case never
    /// Times make no difference, as for copies: they count in no cache key (spec/05 §5.3).
    case ignoringTimes
    /// Times make no difference where they only say when each step ran; one that a step set itself does.
    case ignoringTimesOfRunning
}
