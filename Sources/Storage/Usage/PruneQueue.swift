/// Decides which of the records that may go do go: what something stands upon waits until that is gone.
struct PruneQueue {
    /// How many records that stay, so far, stand upon one.
    private var children: [String: Int] = [:]
    private var waiting: [String: UsageRecord] = [:]
    private(set) var selected: [UsageRecord] = []
    /// Bytes that may still go; nil: all.
    private var excess: Int64?

    init(_ records: [UsageRecord], excess: Int64?) {
        self.excess = excess
        for record in records {
            for parent in record.parents { children[parent, default: 0] += 1 }
        }
    }

    /// Takes the next record in the order in which they go, and those that waited for it alone.
    mutating func add(_ record: UsageRecord) {
        guard children[record.id, default: 0] == 0 else {
            waiting[record.id] = record
            return
        }
        if let excess {
            if excess <= 0 { return }
            self.excess = excess - record.size
        }
        selected.append(record)
        for parent in record.parents {
            children[parent, default: 1] -= 1
            if children[parent] == 0, let next = waiting.removeValue(forKey: parent) { add(next) }
        }
    }
}
