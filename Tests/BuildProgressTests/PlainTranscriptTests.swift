import BuildProgress
import OCI
import Testing

/// The transcripts of spec/09 §9.8, with figures in place of the letters.
struct PlainTranscriptTests {
    private func load(into script: inout Script, bytes: String) {
        let definition = "[internal] load build definition from Dockerfile"
        script.start(0, definition)
        script.status(0.001, definition, "transferring dockerfile: \(bytes)", since: 0, done: true)
        script.add(0.02, definition, .completed)
        let metadata = "[internal] load metadata for docker.io/library/busybox:latest"
        script.start(0.02, metadata)
        script.add(1.24, metadata, .completed)
        let ignore = "[internal] load .dockerignore"
        script.start(1.24, ignore)
        script.status(1.241, ignore, "transferring context: 2B", since: 1.24, done: true)
        script.add(1.25, ignore, .completed)
    }

    @Test func twoStagesWithCachedSteps() {
        var script = Script()
        load(into: &script, bytes: "244B")
        let from = "[build 1/4] FROM docker.io/library/busybox:latest@sha256:493cf5"
        script.start(1.3, from)
        script.status(1.301, from, "resolve docker.io/library/busybox:latest@sha256:493cf5", since: 1.3, done: true)
        script.add(1.32, from, .completed)
        let context = "[internal] load build context"
        script.start(1.3, context)
        script.status(1.301, context, "transferring context: 30B", since: 1.3, done: true)
        script.add(1.33, context, .completed)
        for name in ["[build 2/4] WORKDIR /src", "[build 3/4] COPY hello.txt ."] {
            script.announce(name)
            script.add(1.34, name, .cached)
        }
        let run = "[build 4/4] RUN tr a-z A-Z < hello.txt > up.txt && sleep 0.2 && cat up.txt"
        script.start(1.4, run)
        script.log(1.623, run, "HELLO\n")
        script.add(1.65, run, .completed)
        script.announce("[stage-1 2/2] COPY --from=build /src/up.txt /")
        script.add(1.7, "[stage-1 2/2] COPY --from=build /src/up.txt /", .cached)
        let export = "exporting to oci image format"
        script.start(1.7, export)
        script.status(1.7, export, "exporting layers", since: 1.7)
        script.status(1.91, export, "exporting layers", since: 1.7, done: true)
        script.status(1.911, export, "exporting manifest sha256:a9b8ef", since: 1.91, done: true)
        script.status(1.92, export, "sending tarball", since: 1.91)
        script.status(2.05, export, "sending tarball", since: 1.91, done: true)
        script.add(2.05, export, .completed)
        let output = script.playAtOnce(
            PlainRenderer(description: "building with \"builder\" instance using remote driver")
        )
        #expect(
            output == """
                #0 building with "builder" instance using remote driver

                #1 [internal] load build definition from Dockerfile
                #1 transferring dockerfile: 244B done
                #1 DONE 0.0s

                #2 [internal] load metadata for docker.io/library/busybox:latest
                #2 DONE 1.2s

                #3 [internal] load .dockerignore
                #3 transferring context: 2B done
                #3 DONE 0.0s

                #4 [build 1/4] FROM docker.io/library/busybox:latest@sha256:493cf5
                #4 resolve docker.io/library/busybox:latest@sha256:493cf5 done
                #4 DONE 0.0s

                #5 [internal] load build context
                #5 transferring context: 30B done
                #5 DONE 0.0s

                #6 [build 2/4] WORKDIR /src
                #6 CACHED

                #7 [build 3/4] COPY hello.txt .
                #7 CACHED

                #8 [build 4/4] RUN tr a-z A-Z < hello.txt > up.txt && sleep 0.2 && cat up.txt
                #8 0.223 HELLO
                #8 DONE 0.3s

                #9 [stage-1 2/2] COPY --from=build /src/up.txt /
                #9 CACHED

                #10 exporting to oci image format
                #10 exporting layers 0.2s done
                #10 exporting manifest sha256:a9b8ef done
                #10 sending tarball 0.1s done
                #10 DONE 0.4s

                """
        )
    }

    @Test func aFailingRun() {
        var script = Script()
        let from = "[1/3] FROM docker.io/library/busybox:latest@sha256:493cf5"
        script.announce(from)
        script.status(0.001, from, "resolve docker.io/library/busybox:latest@sha256:493cf5", since: 0, done: true)
        script.add(0.01, from, .cached)
        let run = "[2/3] RUN echo compiling && exit 3"
        script.announce("[3/3] RUN echo never")
        script.start(0.1, run)
        script.log(0.213, run, "compiling\n")
        script.log(0.214, run, "main.c:3: error\n", .error)
        script.add(0.25, run, .failed("process \"/bin/sh -c …\" did not complete successfully: exit code: 3"))
        #expect(
            script.play(PlainRenderer()) == """
                #1 [1/3] FROM docker.io/library/busybox:latest@sha256:493cf5
                #1 resolve docker.io/library/busybox:latest@sha256:493cf5 done
                #1 CACHED

                #2 [2/3] RUN echo compiling && exit 3
                #2 0.113 compiling
                #2 0.114 main.c:3: error
                #2 ERROR: process "/bin/sh -c …" did not complete successfully: exit code: 3
                ------
                 > [2/3] RUN echo compiling && exit 3:
                0.113 compiling
                0.114 main.c:3: error
                ------

                """
        )
    }

    @Test func aFailureWithoutOutput() {
        var script = Script()
        script.announce("[2/2] COPY nope.txt /")
        script.add(
            0,
            "[2/2] COPY nope.txt /",
            .failed("failed to calculate checksum of ref a::b: \"/nope.txt\": not found")
        )
        #expect(
            script.play(PlainRenderer()) == """
                #1 [2/2] COPY nope.txt /
                #1 ERROR: failed to calculate checksum of ref a::b: "/nope.txt": not found
                ------
                 > [2/2] COPY nope.txt /:
                ------

                """
        )
    }

    @Test func changingToAnotherVertexAndBack() {
        var script = Script()
        let metadata = "[internal] load metadata for docker.io/library/alpine:latest"
        let token = "[auth] library/alpine:pull token for registry-1.docker.io"
        script.start(0, metadata)
        script.start(0.1, token)
        script.add(0.12, token, .completed)
        script.add(1.2, metadata, .completed)
        #expect(
            script.play(PlainRenderer()) == """
                #1 [internal] load metadata for docker.io/library/alpine:latest
                #1 ...

                #2 [auth] library/alpine:pull token for registry-1.docker.io
                #2 DONE 0.0s

                #1 [internal] load metadata for docker.io/library/alpine:latest
                #1 DONE 1.2s

                """
        )
    }
}
