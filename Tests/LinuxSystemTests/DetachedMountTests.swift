import Glibc
import LinuxSystem
import Testing

@Suite(.enabled(if: isRoot, "mounting needs root"))
struct DetachedMountTests {
    @Test func overlayShowsAllLayersAndTakesChangesInTheUpperOne() throws {
        try withTemporaryDirectory { root, path throws in
            for name in ["l1", "l2", "upper", "work"] as [Path] { try root.makeDirectory(name) }
            try root.write("one", to: "l1/a")
            try root.write("two", to: "l2/a")
            try root.write("below", to: "l2/b")
            do {
                let mount = try DetachedMount.overlay(
                    .init(
                        lower: [path.appending("l1"), path.appending("l2")],
                        upper: path.appending("upper"),
                        work: path.appending("work"),
                        userxattr: false,
                        volatile: true
                    )
                )
                #expect(try mount.root.text("a") == "one")
                #expect(try mount.root.text("b") == "below")
                try mount.root.write("new", to: "c")
                try mount.root.remove("a")
                #expect(try mount.root.entries().map(\.name).sorted() == ["b", "c"])
            }
            #expect(try root.text("upper/c") == "new")
            #expect(try root.status("upper/a").isWhiteout)
        }
    }

    @Test func twoLowerDirectoriesAreReadOnly() throws {
        try withTemporaryDirectory { root, path throws in
            try root.makeDirectory("l")
            try root.makeDirectory("empty")
            try root.write("x", to: "l/f")
            try root.makeNode("l/gone", kind: .characterDevice, mode: 0)
            let mount = try DetachedMount.overlay(
                .init(lower: [path.appending("l"), path.appending("empty")], userxattr: false)
            )
            #expect(try mount.root.entries().map(\.name) == ["f"])
            #expect(throws: SystemError.self) { try mount.root.write("y", to: "g") }
        }
    }

    @Test func fiveHundredLayersAndLongPathsWork() throws {
        try withTemporaryDirectory { root, path throws in
            let long = Path(String(repeating: "x", count: 200)).appending(String(repeating: "y", count: 200))
            var lower: [Path] = []
            for number in 0..<500 {
                let layer = number == 0 ? long : Path("\(number)")
                try root.makeDirectories(layer)
                try root.write("\(number)", to: layer.appending("f\(number)"))
                lower.append(path.appending(layer))
            }
            let mount = try DetachedMount.overlay(.init(lower: lower, userxattr: false))
            #expect(try mount.root.entries().count == 500)
        }
    }

    @Test func errorsTellWhatTheKernelWrote() throws {
        let error = #expect(throws: SystemError.self) {
            _ = try DetachedMount.overlay(.init(lower: ["/nonexistent", "/tmp"], userxattr: false))
        }
        #expect(error?.description.hasPrefix("cannot ") == true)
        #expect(error?.description.contains("/nonexistent") == true)
        let single = #expect(throws: SystemError.self) {
            _ = try DetachedMount.overlay(.init(lower: ["/tmp"], userxattr: false))
        }
        #expect(single?.operation == "mount overlay" && single?.code == EINVAL)
    }

    @Test func memoryFilesystemsHaveASize() throws {
        let mount = try DetachedMount.tmpfs(size: 1 << 20, mode: 0o1777)
        #expect(try mount.root.status("").permissions == 0o1777)
        #expect(throws: SystemError.self) {
            try mount.root.writeFile("big", [UInt8](repeating: 0, count: 2 << 20))
        }
    }
}
