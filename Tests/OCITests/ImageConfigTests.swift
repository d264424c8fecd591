import OCI
import Testing

@Suite("image configurations")
struct ImageConfigTests {
    @Test("an empty configuration has every obligatory key")
    func empty() {
        let config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        #expect(
            String(decoding: config.encoded(), as: UTF8.self)
                == #"{"architecture":"amd64","config":{},"created":null,"history":[],"os":"linux","#
                + #""rootfs":{"type":"layers","diff_ids":[]}}"#
        )
    }

    @Test("a full configuration has BuildKit's bytes and is read again")
    func full() throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "arm", variant: "v7", osVersion: "1"))
        config.author = "me <a@b>"
        config.created = Timestamp(seconds: 0, nanoseconds: 500_000_000)
        config.diffIDs = [.sha256(of: "")]
        config.config.user = "u"
        config.config.exposedPorts = ["80/tcp", "443/tcp"]
        config.config.env = ["PATH=/bin", "A=<b>&c"]
        config.config.entrypoint = ["/e"]
        config.config.cmd = ["-x"]
        config.config.volumes = ["/v"]
        config.config.workingDir = "/w"
        config.config.labels = ["b": "2", "a": "1"]
        config.config.stopSignal = "SIGINT"
        config.config.argsEscaped = true
        config.config.healthcheck = Healthcheck(test: ["CMD", "t"], interval: 30_000_000_000, retries: 3)
        config.config.onBuild = ["RUN x"]
        config.config.shell = ["/bin/bash", "-c"]
        config.history = [
            HistoryEntry(created: Timestamp(seconds: 1), createdBy: "RUN x", comment: "buildkit.dockerfile.v0"),
            HistoryEntry(author: "me", emptyLayer: true),
        ]
        let expected =
            #"{"architecture":"arm","author":"me \u003ca@b\u003e","config":{"User":"u","ExposedPorts":"#
            + #"{"443/tcp":{},"80/tcp":{}},"Env":["PATH=/bin","A=\u003cb\u003e\u0026c"],"Entrypoint":["/e"],"#
            + #""Cmd":["-x"],"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"a":"1","b":"2"},"#
            + #""StopSignal":"SIGINT","ArgsEscaped":true,"Healthcheck":{"Test":["CMD","t"],"#
            + #""Interval":30000000000,"Retries":3},"OnBuild":["RUN x"],"Shell":["/bin/bash","-c"]},"#
            + #""created":"1970-01-01T00:00:00.5Z","history":[{"created":"1970-01-01T00:00:01Z","created_by":"RUN x","#
            + #""comment":"buildkit.dockerfile.v0"},{"author":"me","empty_layer":true}],"os":"linux","#
            + #""os.version":"1","rootfs":{"type":"layers","diff_ids":["\#(Digest.sha256(of: ""))"]},"variant":"v7"}"#
        #expect(String(decoding: config.encoded(), as: UTF8.self) == expected)
        #expect(try ImageConfig(json: config.encoded()) == config)
    }

    @Test("nulls and unknown fields of a base image are tolerated")
    func tolerant() throws {
        let json =
            #"{"architecture":"amd64","os":"linux","container":"x","created":null,"history":null,"#
            + #""config":{"Cmd":null,"Env":null,"Volumes":null,"Labels":null,"Image":"y","OnBuild":null,"#
            + #""Healthcheck":null},"rootfs":{"type":"layers","diff_ids":null}}"#
        let config = try ImageConfig(json: json.utf8)
        #expect(config == ImageConfig(platform: Platform(os: "linux", architecture: "amd64")))
        #expect(try ImageConfig(json: #"{"config":null,"rootfs":null}"#.utf8).config == .init())
    }

    @Test("a wrong digest or time is refused with its place")
    func refused() {
        let error = #expect(throws: DocumentError.self) {
            try ImageConfig(json: #"{"created":"yesterday"}"#.utf8)
        }
        #expect(error?.description.hasPrefix("cannot read image configuration: ") == true)
        #expect(throws: DocumentError.self) { try ImageConfig(json: #"{"rootfs":{"diff_ids":["sha256:../x"]}}"#.utf8) }
    }

    @Test("a variable is set in its place, or at the end")
    func environment() {
        var config = ImageConfig(platform: .host)
        config.setEnvironment(name: "A", value: "1")
        config.setEnvironment(name: "B", value: "x=y")
        config.setEnvironment(name: "A", value: "2")
        #expect(config.config.env == ["A=2", "B=x=y"])
        #expect(config.environmentValue("B") == "x=y")
        #expect(config.environmentValue("C") == nil)
        config.config.env.append("bare")
        #expect(config.environmentValue("bare") == "")
    }
}
