import OCI

/// Gives the new entries of an image's history their times (spec/01 §1.15).
struct HistoryTimes {
    let layers: [ExportedLayer]
    /// Unix seconds that no new time may pass.
    let epoch: Int64?

    /// Completes history and `created` of a configuration whose new entries have no time.
    ///
    /// An entry with a layer takes the time of its layer. One without takes the time of the layer before it, or, before
    /// the first new layer, of the layer after it; where there is no new layer at all, the last time of the base.
    func complete(_ config: inout ImageConfig) {
        let isNew = config.history.map { $0.created == nil }
        var times = layerTimes(of: &config)
        let firstNew = times.indices.first { isNew[$0] && times[$0] != nil }
        let base = config.history.last { $0.created != nil }?.created
        var previous = firstNew.flatMap { times[$0] } ?? base
        for index in config.history.indices where isNew[index] {
            times[index] = times[index] ?? previous
            previous = times[index]
            config.history[index].created = clamp(times[index])
        }
        config.created = clamp(config.history.last { $0.created != nil }?.created, ofBase: isNew.last == false)
    }

    /// The time of each entry's layer; nil for entries without one.
    ///
    /// Entries that claim a layer that is not there become empty, and layers without an entry get one.
    private func layerTimes(of config: inout ImageConfig) -> [Timestamp?] {
        var remaining = layers[...]
        var times: [Timestamp?] = []
        for index in config.history.indices {
            guard !config.history[index].emptyLayer else {
                times.append(nil)
                continue
            }
            guard let layer = remaining.popFirst() else {
                config.history[index].emptyLayer = true
                times.append(nil)
                continue
            }
            times.append(layer.created)
        }
        return times
    }

    private func clamp(_ time: Timestamp?, ofBase: Bool = false) -> Timestamp? {
        guard let epoch, !ofBase else { return time }
        let limit = Timestamp(seconds: epoch, nanoseconds: 0)
        guard let time else { return limit }
        return min(time, limit)
    }
}
