import BuildGraph
import OCI
import Testing

struct GraphDumpTests {
    private func metadata(_ name: String) -> VertexMetadata { VertexMetadata(name: name) }

    @Test func aGraphOfADockerfileAsText() throws {
        var builder = GraphBuilder()
        let base = builder.add(
            try Sample.image(),
            metadata: VertexMetadata(
                name: "[1/3] FROM alpine",
                location: SourceLocation(file: "Dockerfile", lines: 1...1)
            )
        )
        let context = builder.add(
            .source(.local(LocalSource(name: "context", excludePatterns: ["*.o", "!a.o"]))),
            metadata: metadata("[internal] load build context")
        )
        var copy = CopyAction(input: 1, source: "/a b", destination: "/dst/")
        copy.mode = .absolute(0o755)
        copy.owner = Owner(user: .name("me", input: 0), group: .id(7))
        copy.excludePatterns = ["x"]
        let copied = builder.add(
            .file(FileOperation([.copy(copy)])),
            inputs: [.vertex(base), .vertex(context)],
            metadata: metadata("[2/3] COPY . /dst/")
        )
        var exec = ExecOperation(arguments: ["/bin/sh", "-c", "make \"x\""], environment: ["A=1"])
        exec.network = .none
        exec.mounts += [
            ExecMount(target: "/c", kind: .cache(CacheMount(id: "/c", sharing: .locked)), readOnly: false),
            ExecMount(target: "/s", kind: .secret(ForwardedFile(id: "k", mode: 0o400, optional: true)), readOnly: true),
        ]
        builder.add(
            .exec(exec),
            inputs: [.vertex(copied)],
            platform: Sample.linux,
            metadata: VertexMetadata(name: "[3/3] RUN make", ignoreCache: true)
        )
        #expect(
            try builder.build().dump() == """
                v0 = image docker.io/library/alpine:latest \(Sample.manifest) linux/amd64
                  name: [1/3] FROM alpine
                  at: Dockerfile:1-1
                v1 = local context
                  name: [internal] load build context
                  exclude: ["*.o" "!a.o"]
                v2 = file (v0, v1)
                  name: [2/3] COPY . /dst/
                  copy: #1:/a b -> /dst/ mode 0755 owner me@#0:7 exclude ["x"]
                v3 = exec ["/bin/sh" "-c" "make \\"x\\""] (v2)
                  name: [3/3] RUN make
                  platform: linux/amd64
                  ignore cache
                  env: A=1
                  directory: /
                  network: none
                  mount: / rw bind #0:/
                  mount: /c rw cache /c locked owner 0:0 mode 0755
                  mount: /s ro secret k owner 0:0 mode 0400 optional

                """
        )
    }

    @Test func theOtherOperationsAsText() throws {
        var builder = GraphBuilder()
        var git = GitSource(url: "https://example.com/r.git", reference: "v1", subdirectory: "d")
        git.submodules = false
        let source = builder.add(.source(.git(git)), metadata: metadata("git"))
        let file = builder.add(
            .file(
                FileOperation([
                    .makeDirectory(MakeDirectoryAction(path: "/d", mode: 0o755, makeParents: true, timestamp: 0)),
                    .makeSymlink(MakeSymlinkAction(target: "d", path: "/l", owner: .root)),
                    .remove(RemoveAction(path: "/x*", allowNotFound: true, allowWildcard: true)),
                ])
            ),
            inputs: [.scratch],
            metadata: metadata("file")
        )
        builder.add(.diff, inputs: [.vertex(source), .vertex(file)], metadata: metadata("diff"))
        #expect(
            try builder.build().dump() == """
                v0 = git https://example.com/r.git
                  name: git
                  ref: v1
                  subdirectory: d
                  no submodules
                v1 = file (scratch)
                  name: file
                  make directory: /d mode 0755 with parents time 0
                  make symlink: /l -> d owner 0:0
                  remove: /x* optional wildcard
                v2 = diff (v0, v1)
                  name: diff

                """
        )
    }
}
