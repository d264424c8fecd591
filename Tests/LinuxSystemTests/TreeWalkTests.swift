import LinuxSystem
import Testing

struct TreeWalkTests {
    @Test func entriesComeInTheOrderOfTheirBytesAndDirectoriesLeaveLast() throws {
        try withTemporaryDirectory { root, _ throws in
            for path in ["b", "a/z", "a/b/c", "a-b", "ab"] as [Path] {
                try root.makeDirectories(path.parent)
                try root.write("", to: path)
            }
            var steps: [String] = []
            var walk = try TreeWalk(root)
            while let step = try walk.next() {
                switch step {
                case .enter(let entry): steps.append("\(entry.path)@\(entry.depth)")
                case .leave(let entry): steps.append("\(entry.path) done")
                }
            }
            #expect(steps == ["a@0", "a/b@1", "a/b/c@2", "a/b done", "a/z@1", "a done", "a-b@0", "ab@0", "b@0"])
        }
    }

    @Test func pruningAndStoppingAreObeyed() throws {
        try withTemporaryDirectory { root, _ throws in
            try root.makeDirectories("a/b/c")
            try root.makeDirectories("d/e")
            try root.makeDirectories("f")
            var seen: [Path] = []
            var left: [Path] = []
            try walk(root, leave: { entry, _ in left.append(entry.path) }) { entry, _ in
                seen.append(entry.path)
                return entry.path == "a/b" ? .prune : entry.path == "f" ? .stop : .descend
            }
            #expect(seen == ["a", "a/b", "d", "d/e", "f"])
            #expect(left == ["a", "d/e", "d"])
        }
    }

    @Test func parentIsWhereTheEntryLives() throws {
        try withTemporaryDirectory { root, _ throws in
            try root.makeDirectories("a/b")
            try root.write("deep", to: "a/b/f")
            try root.symlink(target: "a", at: "link")
            var texts: [String] = []
            try walk(root) { entry, parent in
                if entry.status.kind == .regular { texts.append(try parent.text(entry.name)) }
                return .descend
            }
            #expect(texts == ["deep"])
        }
    }

    @Test func deepTreesNeedFewDescriptors() throws {
        try withTemporaryDirectory { root, _ throws in
            // Deeper than the descriptors that a process may have, and than a path may be long.
            let depth = 2500
            var current = try root.duplicate()
            for _ in 0..<depth {
                try current.makeDirectory("d")
                current = try current.openDirectory("d")
            }
            try current.write("", to: "leaf")
            var deepest = 0
            var leaves = 0
            try walk(root, leave: { _, _ in leaves += 1 }) { entry, _ in
                deepest = max(deepest, entry.depth)
                return .descend
            }
            #expect(deepest == depth && leaves == depth)
            try root.removeTree("d")
            #expect(try root.entries().isEmpty)
        }
    }

    @Test func manyNamesInOneDirectory() throws {
        try withTemporaryDirectory { root, _ throws in
            for number in 0..<3000 { try root.write("", to: Path("file-\(number)")) }
            var names: [Path] = []
            try walk(root) { entry, _ in
                names.append(entry.name)
                return .descend
            }
            #expect(names.count == 3000 && names == names.sorted())
        }
    }
}
