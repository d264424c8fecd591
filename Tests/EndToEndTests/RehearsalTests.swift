import Glibc
import Synchronization
import Testing

/// What a build does while it waits for a registry.
@Suite struct RehearsalTests {
    /// Waits until somebody opens a file.
    private final class Watch: Sendable {
        private let descriptor = inotify_init1(Int32(IN_CLOEXEC))
        private let opened = Mutex(0)

        init(_ file: String) throws {
            try #require(inotify_add_watch(descriptor, file, UInt32(IN_OPEN)) >= 0)
        }

        deinit { close(descriptor) }

        /// How often it was waited for with success.
        var count: Int { opened.withLock { $0 } }

        /// Waits for the file to be opened, for at most a minute.
        func wait() {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 60_000) == 1 { opened.withLock { $0 += 1 } }
        }

        /// Forgets what was opened so far.
        func clear() {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            var buffer = [UInt8](repeating: 0, count: 1 << 12)
            while poll(&waiting, 1, 0) == 1 { _ = read(descriptor, &buffer, buffer.count) }
        }
    }

    private func copy(_ image: String, to other: String) throws {
        let options = ["--insecure-policy", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false"]
        try Command.check("skopeo", options + ["docker://\(image)", "docker://\(other)"])
    }

    @Test("the context is read while the registry is asked, and what that says then is what counts")
    func theContextIsReadMeanwhile() throws {
        let scratch = Scratch()
        let registry = try RegistryServer(in: scratch, name: "slow")
        let busybox = try BaseImages.busybox.get()
        try copy(busybox, to: "\(registry.address)/base:1")
        let other = try Project("FROM \(busybox)\nRUN echo other >/base")
        let pushed = "type=image,name=\(registry.address)/other:1,push=true"
        try other.build("-o", pushed)

        let project = try Project(nil, ["data": "1\n"])
        let watch = try Watch(project.path("data"))
        let isSlow = Mutex(false)
        // The answer comes when the changed file is being read.
        let port = try #require(UInt16(registry.address.drop { $0 != ":" }.dropFirst()))
        let relay = try Relay(to: port) { line in
            if line.hasPrefix("HEAD /v2/base/manifests/1"), isSlow.withLock({ $0 }) { watch.wait() }
        }
        let base = "FROM \(relay.address)/base:1\nRUN [ -e /base ] || echo first >/base\n"
        try project.write("Dockerfile", base + "COPY data /\nRUN cat /data /base >/out\n")
        try project.build("-o", "out")
        #expect(try FileTree.text(project.path("out/out")) == "1\nfirst\n")

        isSlow.withLock { $0 = true }
        try project.write("data", "2\n")
        watch.clear()
        try project.build("-o", "out")
        #expect(watch.count == 1)
        #expect(try FileTree.text(project.path("out/out")) == "2\nfirst\n")

        // While the tag stands for another image now.
        try copy("\(registry.address)/other:1", to: "\(registry.address)/base:1")
        try project.write("data", "3\n")
        watch.clear()
        try project.build("-o", "out")
        #expect(watch.count == 2)
        #expect(try FileTree.text(project.path("out/out")) == "3\nother\n")

        isSlow.withLock { $0 = false }
        let cached = try project.build("-o", "out")
        #expect(cached.errorLines.count { $0.hasSuffix(" CACHED") } == 4, "\(cached)")
        #expect(relay.requests.count { $0.hasPrefix("HEAD /v2/base/manifests/1") } == 4, "\(relay.requests)")
    }

    @Test("where it ends early, what it has begun to digest goes on for the build")
    func whatIsDigestedGoesOn() throws {
        let scratch = Scratch()
        let registry = try RegistryServer(in: scratch, name: "slow")
        try copy(try BaseImages.busybox.get(), to: "\(registry.address)/base:1")
        let project = try Project(nil, ["small": "1\n", "big": ""])
        // Long enough to be read for a while.
        try #require(truncate(project.path("big"), 256 << 20) == 0)
        let watch = try Watch(project.path("big"))
        let isSlow = Mutex(false)
        let port = try #require(UInt16(registry.address.drop { $0 != ":" }.dropFirst()))
        let relay = try Relay(to: port) { line in
            if line.hasPrefix("HEAD /v2/base/manifests/1"), isSlow.withLock({ $0 }) { watch.wait() }
        }
        try project.write(
            "Dockerfile",
            """
            FROM \(relay.address)/base:1 AS other
            COPY small /
            FROM \(relay.address)/base:1
            COPY big /
            COPY --from=other /small /
            """
        )
        try project.build("-o", "type=cacheonly")

        isSlow.withLock { $0 = true }
        // The copy of this file has to run, which ends the rehearsal; that file is being read then.
        try project.write("small", "2\n")
        try #require(truncate(project.path("big"), (256 << 20) + 1) == 0)
        watch.clear()
        try project.build("-o", "type=cacheonly")
        #expect(watch.count == 1)
    }
}
