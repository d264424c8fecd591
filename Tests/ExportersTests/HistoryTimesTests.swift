import OCI
import Testing

@testable import Exporters

/// The times of new history entries (spec/01 §1.15).
@Suite struct HistoryTimesTests {
    private func layer(_ seconds: Int64?) -> ExportedLayer {
        let digest = Digest.sha256(of: "\(seconds ?? 0)")
        return ExportedLayer(
            descriptor: Descriptor(mediaType: MediaType.ociLayerGzip, digest: digest, size: 1),
            diffID: digest,
            created: seconds.map { Timestamp(seconds: $0) }
        )
    }

    private func config(_ history: [HistoryEntry]) -> ImageConfig {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.history = history
        return config
    }

    private func seconds(_ config: ImageConfig) -> [Int64?] { config.history.map { $0.created?.seconds } }

    @Test func entriesTakeTheTimesOfLayersAround() {
        let base = HistoryEntry(created: Timestamp(seconds: 5), createdBy: "base")
        let empty = HistoryEntry(createdBy: "ENV", emptyLayer: true)
        let new = HistoryEntry(createdBy: "RUN")
        var config = config([base, empty, new, empty, new, empty])
        HistoryTimes(layers: [layer(nil), layer(10), layer(20)], epoch: nil).complete(&config)
        #expect(seconds(config) == [5, 10, 10, 10, 20, 20])
        #expect(config.created?.seconds == 20)
    }

    @Test func withoutNewLayersTheBaseTellsTheTime() {
        let base = HistoryEntry(created: Timestamp(seconds: 5), createdBy: "base")
        var config = config([base, HistoryEntry(createdBy: "ENV", emptyLayer: true)])
        HistoryTimes(layers: [layer(nil)], epoch: nil).complete(&config)
        #expect(seconds(config) == [5, 5])
    }

    @Test func newTimesAreClampedToTheEpoch() {
        let base = HistoryEntry(created: Timestamp(seconds: 50), createdBy: "base")
        var config = config([base, HistoryEntry(createdBy: "RUN"), HistoryEntry(createdBy: "RUN")])
        HistoryTimes(layers: [layer(nil), layer(3), layer(60)], epoch: 7).complete(&config)
        #expect(seconds(config) == [50, 3, 7])
    }

    @Test func anEntryWhoseLayerIsMissingBecomesEmpty() {
        var config = config([HistoryEntry(createdBy: "RUN"), HistoryEntry(createdBy: "COPY")])
        HistoryTimes(layers: [layer(9)], epoch: nil).complete(&config)
        #expect(config.history.map(\.emptyLayer) == [false, true])
        #expect(seconds(config) == [9, 9])
    }
}
