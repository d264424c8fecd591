import LinuxSystem

// What takes space in the cache directory.
extension CacheDirectory {
    /// Everything that takes space, in no order; the sizes of layers, volumes and repositories as they were recorded.
    package func usage() throws -> [UsageRecord] { try survey(.unrecorded) }

    /// Everything that takes space, in no order, each file looked at: the sum is what `du -s` gives of the directory.
    package func measuredUsage() throws -> [UsageRecord] { try survey(.all) }

    /// The bytes that everything takes now: what cannot have changed as it was recorded, and the rest measured.
    func currentSize() throws -> Int64 {
        try survey(.inUse).reduce(0) { $0 + $1.size }
    }

    func survey(_ measured: UsageSurvey.Measured) throws -> [UsageRecord] {
        var survey = UsageSurvey(self, measured)
        return try survey.run()
    }

    /// Records how much volumes and repositories take that this process has used.
    package func recordSizes() throws {
        try mounts.recordSizes()
        try mirrors.recordSizes()
    }
}
