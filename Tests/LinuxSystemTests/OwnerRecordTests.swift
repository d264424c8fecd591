import LinuxSystem
import Testing

struct OwnerRecordTests {
    private func parse(_ text: String) -> OwnerRecord? {
        Array(text.utf8).withUnsafeBytes { OwnerRecord($0) }
    }

    @Test(
        "a record is read as it was written",
        arguments: [
            OwnerRecord(), OwnerRecord(uid: 1000, gid: 4_294_967_294),
            OwnerRecord(uid: 0, gid: 6, device: .init(isBlock: true, major: 8, minor: 1_048_575)),
            OwnerRecord(uid: 1, gid: 2, device: .init(isBlock: false, major: 1, minor: 3)),
        ]
    )
    func roundTrip(record: OwnerRecord) {
        #expect(record.bytes.withUnsafeBytes { OwnerRecord($0) } == record)
        #expect(record.bytes.count <= OwnerRecord.maximumSize)
    }

    @Test(
        "what is no record is none",
        arguments: [
            "", "1", "1:", ":1", "1:x", "1:2:", "1:2:d:1:1", "1:2:c:1", "1:2:c:1:1x", "4294967296:0", "-1:0",
            "99999999999:0",
        ]
    )
    func refused(text: String) {
        #expect(parse(text) == nil)
    }

    @Test("a directory with a ledger gives owners and devices back, and hides where they are")
    func directory() throws {
        try withTemporaryDirectory { _, path in
            let home = SharedDirectory(try Directory.open(path))
            try home.directory.makeDirectory("fs")
            let ledger = try OwnershipLedger(home: home)
            let tree = try home.directory.openDirectory("fs").recordingOwners(in: ledger)
            try tree.makeDirectory("d")
            try tree.writeFile("d/file", [1])
            try tree.symlink(target: "nowhere", at: "d/link")
            try tree.makeNode("d/disk", kind: .blockDevice, mode: 0o640, major: 8, minor: 1)
            for name in ["d", "d/file", "d/link", "d/disk"] as [Path] { try tree.setOwner(name, uid: 7, gid: 70000) }
            try tree.rename("d/link", to: "d/moved")
            try tree.link("d/file", to: "d/hard")

            // As another process finds it later.
            let again = try home.directory.openDirectory("fs").recordingOwners(in: OwnershipLedger(home: home))
            var seen: [Path: FileStatus] = [:]
            try walk(again) { entry, _ in
                seen[entry.path] = entry.status
                return .descend
            }
            #expect(seen.keys.sorted() == ["d", "d/disk", "d/file", "d/hard", "d/moved"])
            for (name, status) in seen { #expect((status.uid, status.gid) == (7, 70000), "\(name)") }
            #expect(seen["d/disk"]?.kind == .blockDevice)
            #expect(seen["d/disk"]?.deviceMajor == 8)
            #expect(seen["d/disk"]?.deviceMinor == 1)
            #expect(seen["d/disk"]?.permissions == 0o640)
            #expect(try again.extendedAttributes("d/file").isEmpty)
            #expect(try again.openFile("d/file").status().uid == 7)
            #expect(try again.openDirectory("d").descriptor.status().gid == 70000)
            // Whose it really is, nobody asks.
            try again.setOwner("d/file", uid: 0, gid: 0)
            #expect(try again.status("d/hard").uid == 0)
        }
    }

    @Test("with devices alone owners are real, and a layer upon one with devices is searched for them, too")
    func devices() throws {
        try withTemporaryDirectory { _, path in
            let home = SharedDirectory(try Directory.open(path))
            try home.directory.makeDirectory("fs")
            let files: () throws -> Directory = { try home.directory.openDirectory("fs") }
            let ledger = try OwnershipLedger(.devices, home: home)
            #expect(!ledger.hasDevices)
            let tree = try files().recordingOwners(in: ledger)
            try tree.makeNode("disk", kind: .blockDevice, mode: 0o640, major: 8, minor: 1)
            try tree.writeFile("file", [1])
            try tree.link("disk", to: "hard")
            let own = try tree.status("file")
            try tree.setOwner("disk", uid: own.uid, gid: own.gid)
            #expect(ledger.hasDevices)
            // Not before the layer is complete.
            #expect(try !OwnershipLedger(.devices, layers: [path]).hasDevices)
            try ledger.finish()

            let again = try OwnershipLedger(.devices, layers: [path])
            #expect(again.hasDevices)
            let later = try files().recordingOwners(in: again)
            #expect(try later.status("file") == own)
            for name: Path in ["disk", "hard"] {
                let status = try later.status(name)
                #expect(status.kind == .blockDevice && status.deviceMajor == 8 && status.deviceMinor == 1)
                #expect(status.permissions == 0o640 && status.uid == own.uid && status.gid == own.gid)
                #expect(try later.extendedAttributes(name).isEmpty)
            }
            #expect(try files().status("disk").kind == .regular)

            let above = SharedDirectory(try home.directory.openDirectory("fs"))
            try OwnershipLedger(.devices, layers: [path], home: above).finish()
            #expect(try OwnershipLedger(.devices, layers: [path.appending("fs")]).hasDevices)
        }
    }

    @Test("a new link with the number of an old one is not its heir")
    func reuse() throws {
        try withTemporaryDirectory { _, path in
            let home = SharedDirectory(try Directory.open(path))
            let tree = try home.directory.duplicate().recordingOwners(in: OwnershipLedger(home: home))
            for _ in 0..<50 {
                try tree.symlink(target: "x", at: "link")
                #expect(try tree.status("link").uid == 0)
                try tree.setOwner("link", uid: 5, gid: 5)
                #expect(try tree.status("link").uid == 5)
                try tree.remove("link")
            }
        }
    }
}
