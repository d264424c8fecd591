import Storage
import Testing

@testable import Commands

struct DiskUsageFormatTests {
    private let now: Int64 = 1_000_000_000

    private func record(
        _ id: String,
        kind: RecordKind = .regular,
        size: Int64 = 8224,
        age: Int64 = 240,
        isShared: Bool = false
    ) -> UsageRecord {
        UsageRecord(
            id: id,
            item: .volume(id),
            parents: ["below"],
            kind: kind,
            size: size,
            createdAt: now - 500,
            lastUsed: now - age,
            usageCount: 3,
            description: "RUN \"make\"",
            isMutable: kind == .cacheMount,
            isShared: isShared
        )
    }

    @Test(
        arguments: [
            (0, "0B"), (999, "999B"), (1000, "1kB"), (8224, "8.224kB"), (318_000_000, "318MB"), (12_345_678, "12.35MB"),
            (1_999_999_999, "2GB"), (123_456, "123.5kB"),
        ] as [(Int64, String)]
    )
    func sizesHaveFourDigits(_ bytes: Int64, _ text: String) {
        #expect(HumanText.size(bytes) == text)
    }

    @Test(
        arguments: [
            (0, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (61, "About a minute"), (240, "4 minutes"),
            (3700, "About an hour"), (7200, "2 hours"), (47 * 3600, "47 hours"), (50 * 3600, "2 days"),
            (20 * 86400, "2 weeks"), (100 * 86400, "3 months"), (800 * 86400, "2 years"),
        ] as [(Int64, String)]
    )
    func timesAreInWords(_ seconds: Int64, _ text: String) {
        #expect(HumanText.duration(seconds) == text)
    }

    @Test func theTableMarksWhatCanChangeAndWhatIsShared() throws {
        let records = [record("aaa", kind: .cacheMount), record("bbb", isShared: true)]
        #expect(
            try UsageFormat(nil, isVerbose: false).text(records, now: now) == """
                ID      RECLAIMABLE    SIZE        LAST ACCESSED
                aaa*    true           8.224kB     4 minutes ago
                bbb     true           8.224kB*    4 minutes ago

                """
        )
        #expect(
            UsageFormat.summary(records) == """
                Shared:         8.224kB
                Private:        8.224kB
                Reclaimable:    16.45kB
                Total:          16.45kB

                """
        )
    }

    @Test func theOtherFormsHaveAllFields() throws {
        #expect(
            try UsageFormat(nil, isVerbose: true).text([record("aaa")], now: now) == """
                ID:             aaa
                Parents:        below
                Created at:     2001-09-09T01:38:20Z
                Mutable:        false
                Reclaimable:    true
                Shared:         false
                Size:           8.224kB
                Description:    RUN "make"
                Usage count:    3
                Last used:      4 minutes ago
                Type:           regular


                """
        )
        let json =
            #"{"CreatedAt":"2001-09-09T01:38:20Z","Description":"RUN \"make\"","ID":"aaa","#
            + #""LastUsedAt":"4 minutes ago","Mutable":false,"Parents":["below"],"Reclaimable":true,"Shared":false,"#
            + #""Size":"8.224kB","Type":"regular","UsageCount":3}"#
        #expect(try UsageFormat("json", isVerbose: false).text([record("aaa")], now: now) == json + "\n")
        #expect(try UsageFormat("{{json .}}", isVerbose: false).text([record("aaa")], now: now) == json + "\n")
    }

    @Test(arguments: [
        ("{{.ID}} {{.Type}}", "aaa regular\n"), ("{{ .Parents }}", "[below]\n"), ("{{json .Parents}}", "[\"below\"]\n"),
        (#"table {{.ID}}\t{{.Size}}"#, "ID     SIZE\naaa    8.224kB\n"), ("text", "text\n"),
    ])
    func templates(_ template: String, _ text: String) throws {
        #expect(try UsageFormat(template, isVerbose: false).text([record("aaa")], now: now) == text)
    }

    @Test(arguments: ["{{.Nothing}}", "{{.ID", "{{range .}}", "{{len .ID}}"])
    func wrongTemplatesAreRefused(_ template: String) {
        #expect(throws: OptionError.self) { try UsageFormat(template, isVerbose: false) }
        #expect(throws: OptionError.self) { try UsageFormat("json", isVerbose: true) }
    }

    @Test(arguments: [
        (["type=regular"], ["a1", "a2"]), (["type=regular", "type=exec.cachemount"], ["a1", "a2", "m"]),
        (["type=regular", "id=1"], ["a1"]), (["type=regular,id=2"], ["a2"]), (["id==a"], []),
        (["type==regular,shared", "type=exec.cachemount"], ["a2", "m"]), (["private,id=1", "shared,id=1"], ["a1"]),
        (["private,id=1", "type=regular", "shared"], ["a1", "a2"]), (["type!=regular", "type!=blob"], ["m"]),
        (["description~=make", "description!=RUN \"make\""], []), (["description~=x==y"], []),
        (["id=a1", "id=m", "type!=regular"], ["m"]),
        (["id=^a"], ["a1", "a2"]),
        (["type!=regular"], ["m"]), (["description~=ma.e"], ["a1", "a2", "m"]), (["mutable"], ["m"]),
        (["immutable"], ["a1", "a2"]), (["shared"], ["a2"]), (["private"], ["a1", "m"]), (["inuse"], []),
        (["parents=below"], ["a1", "a2", "m"]), (["nonsense"], []), (["nonsense=1"], []), (["until=1h"], ["m"]),
        (["unused-for=1h", "type=regular"], []), (["type=\"regular\""], ["a1", "a2"]), ([], ["a1", "a2", "m"]),
    ])
    func filters(_ values: [String], _ ids: [String]) throws {
        let records = [
            record("a1"), record("a2", isShared: true), record("m", kind: .cacheMount, age: 7200),
        ]
        let filter = try UsageFilter(values)
        #expect(records.filter { filter.matches($0, now: now) }.map(\.id) == ids)
    }

    @Test(arguments: [["until=soon"], ["until=1h", "unused-for=2h"], ["id~=("]])
    func wrongFiltersAreRefused(_ values: [String]) {
        #expect(throws: OptionError.self) { try UsageFilter(values) }
    }
}
