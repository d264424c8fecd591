/// Ids of a namespace and what they are outside of it, as in `/proc/self/uid_map`.
package struct IDMap: Hashable, Sendable, CustomStringConvertible {
    /// `count` ids from `inside` stand for those from `outside`.
    package struct Range: Hashable, Sendable {
        package var inside: UInt32
        package var outside: UInt32
        package var count: UInt32

        package init(inside: UInt32, outside: UInt32, count: UInt32) {
            self.inside = inside
            self.outside = outside
            self.count = count
        }
    }

    package var ranges: [Range]

    package init(_ ranges: [Range]) {
        self.ranges = ranges
    }

    /// Reads the text of a map file; lines that are not three numbers are passed over.
    package init(parsing text: String) {
        ranges = text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { UInt32($0) }
            guard numbers.count == 3 else { return nil }
            return Range(inside: numbers[0], outside: numbers[1], count: numbers[2])
        }
    }

    /// The number of ids.
    package var count: Int { ranges.reduce(0) { $0 + Int($1.count) } }

    /// As the kernel and newuidmap want it: a line for each range.
    package var description: String {
        ranges.map { "\($0.inside) \($0.outside) \($0.count)\n" }.joined()
    }

    /// The arguments of newuidmap after the process id.
    var arguments: [String] {
        ranges.flatMap { ["\($0.inside)", "\($0.outside)", "\($0.count)"] }
    }

    /// A map that gives a new namespace every id of the one with this map, unchanged.
    package var identity: IDMap {
        IDMap(ranges.map { Range(inside: $0.inside, outside: $0.inside, count: $0.count) })
    }

    /// A map of id 0 to `own`, and of 1 and up to the ids of `subordinate` that exist in this map.
    package func nested(own: UInt32, subordinate: [ClosedRange<UInt32>]) -> IDMap {
        var result = [Range(inside: 0, outside: own, count: 1)]
        var next: UInt32 = 1
        for wanted in subordinate {
            for range in ranges where range.count > 0 {
                let existing = range.inside...(range.inside + (range.count - 1))
                guard existing.overlaps(wanted) else { continue }
                let part = existing.clamped(to: wanted)
                let (room, overflow) = next.addingReportingOverflow(UInt32(clamping: part.count))
                if overflow { return IDMap(result) }
                result.append(Range(inside: next, outside: part.lowerBound, count: UInt32(part.count)))
                next = room
            }
        }
        return IDMap(result)
    }
}

/// Ranges of `/etc/subuid` or `/etc/subgid` that belong to a user.
enum SubordinateIDs {
    /// Lines are `name-or-uid:start:count`; ranges that overlap an earlier one or the user's own id are left out.
    static func parse(_ text: String, user: String?, id: UInt32) -> [ClosedRange<UInt32>] {
        var ranges: [ClosedRange<UInt32>] = []
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0] == "\(id)" || (user != nil && fields[0] == user ?? "") else { continue }
            guard let start = UInt32(fields[1]), let count = UInt32(fields[2]), count > 0 else { continue }
            let (end, overflow) = start.addingReportingOverflow(count - 1)
            // The last id, -1, stands for "none" in the kernel.
            guard !overflow, end < UInt32.max else { continue }
            let range = start...end
            if range.contains(id) || ranges.contains(where: { $0.overlaps(range) }) { continue }
            ranges.append(range)
        }
        return ranges
    }

    /// The name of a user in the text of a passwd file.
    static func name(of id: UInt32, passwd: String) -> String? {
        for line in passwd.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, fields[2] == "\(id)" { return String(fields[0]) }
        }
        return nil
    }
}
