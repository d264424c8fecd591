import LinuxSystem

// What takes space in the cache directory.
extension CacheDirectory {
    /// Everything that takes space, in no order; the sizes of layers, volumes and repositories as they were recorded.
    package func usage() throws -> [UsageRecord] {
        var survey = UsageSurvey(self, measures: false)
        return try survey.run()
    }

    /// Everything that takes space, in no order, each file looked at: the sum is what `du -s` gives of the directory.
    package func measuredUsage() throws -> [UsageRecord] {
        var survey = UsageSurvey(self, measures: true)
        return try survey.run()
    }

    /// Records how much volumes and repositories take that this process has used.
    package func recordSizes() throws {
        try mounts.recordSizes()
        try mirrors.recordSizes()
    }
}
