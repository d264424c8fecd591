/// How to test that a container works: docker's `Healthcheck` object.
package struct Healthcheck: Hashable, Sendable, Decodable {
    /// `["NONE"]`, `["CMD", argument…]` or `["CMD-SHELL", command]`; empty inherits.
    package var test: [String]
    /// Nanoseconds between tests; 0 inherits.
    package var interval: Int64
    /// Nanoseconds a test may take; 0 inherits.
    package var timeout: Int64
    /// Nanoseconds in which failures do not count; 0 inherits.
    package var startPeriod: Int64
    /// Nanoseconds between tests in the start period; 0 inherits.
    package var startInterval: Int64
    /// Failures in a row that make a container unhealthy; 0 inherits.
    package var retries: Int64

    private enum CodingKeys: String, CodingKey {
        case test = "Test"
        case interval = "Interval"
        case timeout = "Timeout"
        case startPeriod = "StartPeriod"
        case startInterval = "StartInterval"
        case retries = "Retries"
    }

    /// Makes a test; what is not given inherits.
    package init(
        test: [String],
        interval: Int64 = 0,
        timeout: Int64 = 0,
        startPeriod: Int64 = 0,
        startInterval: Int64 = 0,
        retries: Int64 = 0
    ) {
        self.test = test
        self.interval = interval
        self.timeout = timeout
        self.startPeriod = startPeriod
        self.startInterval = startInterval
        self.retries = retries
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        test = try container.decodeIfPresent([String].self, forKey: .test) ?? []
        interval = try container.decodeIfPresent(Int64.self, forKey: .interval) ?? 0
        timeout = try container.decodeIfPresent(Int64.self, forKey: .timeout) ?? 0
        startPeriod = try container.decodeIfPresent(Int64.self, forKey: .startPeriod) ?? 0
        startInterval = try container.decodeIfPresent(Int64.self, forKey: .startInterval) ?? 0
        retries = try container.decodeIfPresent(Int64.self, forKey: .retries) ?? 0
    }

    var json: JSONText {
        var members: [(String, JSONText)] = test.isEmpty ? [] : [("Test", .strings(test))]
        let numbers = [
            ("Interval", interval), ("Timeout", timeout), ("StartPeriod", startPeriod),
            ("StartInterval", startInterval), ("Retries", retries),
        ]
        for (name, number) in numbers where number != 0 {
            members.append((name, .integer(number)))
        }
        return .object(members)
    }
}
