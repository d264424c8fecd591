import BuildGraph
import Testing

/// How inputs enter a key: spec/05 §5.2 and §5.3.
struct InputKeyKindTests {
    private func paths(_ kind: InputKeyKind) -> [String]? {
        guard case .content(let selectors) = kind else { return nil }
        return selectors.map(\.path)
    }

    @Test func theRootOfAnExecCountsByItsKey() {
        #expect(Sample.exec().inputKeyKind(0) == .definition)
    }

    @Test func bindMountsCountByContentInTheirOrder() {
        let exec = Sample.exec { exec in
            for (target, source) in [("/x", "/b"), ("/y", "/a")] {
                exec.mounts.append(
                    ExecMount(target: target, kind: .bind(BindMount(input: 1, source: source)), readOnly: true)
                )
            }
        }
        #expect(paths(exec.inputKeyKind(1)) == ["/b", "/a"])
        #expect(exec.inputKeyKind(0) == .definition)
    }

    @Test func anInputThatIsTheRootTooCountsByItsKey() {
        let exec = Sample.exec {
            $0.mounts.append(ExecMount(target: "/x", kind: .bind(BindMount(input: 0, source: "/a")), readOnly: true))
        }
        #expect(exec.inputKeyKind(0) == .definition)
    }

    @Test func theBaseOfACacheMountCountsByItsKey() {
        let exec = Sample.exec { exec in
            var cache = CacheMount(id: "c")
            cache.input = 1
            exec.mounts.append(ExecMount(target: "/c", kind: .cache(cache), readOnly: false))
        }
        #expect(exec.inputKeyKind(1) == .definition)
    }

    @Test func aCopyCountsByWhatItCopies() throws {
        let copy = Sample.copy {
            $0.excludePatterns = ["*.o"]
            $0.source = "/src/*.c"
        }
        #expect(copy.inputKeyKind(0) == .definition)
        guard case .content(let selectors) = copy.inputKeyKind(1) else {
            Issue.record("the source counts by its key")
            return
        }
        var expected = ContentSelector(path: "/src/*.c")
        expected.wildcard = true
        expected.allowEmptyWildcard = true
        expected.contentsOnly = true
        expected.excludePatterns = ["*.o"]
        #expect(selectors == [expected])
    }

    @Test func severalSourcesCountInTheirOrder() {
        let actions = ["/b", "/a"].map { FileAction.copy(CopyAction(input: 1, source: $0, destination: "/")) }
        let vertex = Sample.vertex(.file(FileOperation(actions)), inputs: [.scratch, .vertex(Sample.manifest)])
        #expect(paths(vertex.inputKeyKind(1)) == ["/b", "/a"])
    }

    @Test func namesAreLookedUpInOtherInputsByContent() {
        let owner = Owner(user: .name("me", input: 1), group: nil)
        let directory = MakeDirectoryAction(path: "/d", mode: 0o755, makeParents: true, owner: owner)
        let vertex = Sample.vertex(
            .file(FileOperation([.makeDirectory(directory)])),
            inputs: [.scratch, .vertex(Sample.manifest)]
        )
        #expect(paths(vertex.inputKeyKind(1)) == ["/etc/passwd", "/etc/group"])
    }

    @Test(arguments: [Operation.merge, Operation.diff])
    func mergeAndDiffCountByKeys(operation: BuildGraph.Operation) {
        let vertex = Sample.vertex(operation, inputs: [.vertex(Sample.manifest), .vertex(Sample.manifest)])
        #expect(vertex.inputKeyKind(0) == .definition)
        #expect(vertex.inputKeyKind(1) == .definition)
    }

    @Test func selectionsAreKnownByAllThatTheySelect() {
        func selector(_ change: (inout ContentSelector) -> Void) -> ContentSelector {
            var selector = ContentSelector(path: "/a")
            change(&selector)
            return selector
        }
        let selectors = [
            selector { _ in }, selector { $0.path = "/b" }, selector { $0.followSymlink = false },
            selector { $0.wildcard = true }, selector { $0.allowEmptyWildcard = true },
            selector { $0.contentsOnly = true }, selector { $0.optional = true },
            selector { $0.includePatterns = ["x"] }, selector { $0.excludePatterns = ["x"] },
            selector { $0.requiredPaths = ["x"] },
        ]
        var digests = selectors.map { ContentSelector.digest(of: [$0]) }
        digests.append(ContentSelector.digest(of: []))
        digests.append(ContentSelector.digest(of: [selectors[0], selectors[1]]))
        digests.append(ContentSelector.digest(of: [selectors[1], selectors[0]]))
        #expect(Set(digests).count == digests.count)
        #expect(ContentSelector.digest(of: selectors) == ContentSelector.digest(of: selectors))
    }
}
