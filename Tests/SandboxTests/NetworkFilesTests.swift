import Testing

@testable import Sandbox

@Suite struct NetworkFilesTests {
    @Test func hostsNamesTheStepAndExtraHosts() {
        let extra = [NetworkFiles.Host(name: "db", address: "10.0.0.1"), .init(name: "six", address: "::2")]
        #expect(
            NetworkFiles.hosts(hostname: "box", extra: extra)
                == "127.0.0.1\tlocalhost box\n::1\tlocalhost ip6-localhost ip6-loopback\n10.0.0.1\tdb\n::2\tsix\n"
        )
    }

    private static let fallback =
        "nameserver 8.8.8.8\nnameserver 8.8.4.4\nnameserver 2001:4860:4860::8888\nnameserver 2001:4860:4860::8844\n"

    @Test(arguments: [
        ("nameserver 127.0.0.53\noptions edns0\n", true, "nameserver 127.0.0.53\noptions edns0\n"),
        ("nameserver 127.0.0.53\noptions edns0\n", false, "nameserver 10.1.1.1\nsearch corp\n"),
        ("nameserver 127.0.0.53\nnameserver 10.0.0.9\n", false, "nameserver 10.0.0.9\n"),
        ("nameserver 127.0.0.1\n", false, fallback),
        ("search x\nnameserver ::1\n", false, "search x\n" + fallback),
        ("", true, fallback),
        ("nameserver\t10.0.0.9", false, "nameserver\t10.0.0.9\n"),
    ])
    func resolversAreThoseThatTheStepCanReach(builder: String, shared: Bool, expected: String) {
        let upstream = "nameserver 10.1.1.1\nsearch corp\n"
        let text = NetworkFiles.resolverConfiguration(builder: builder, upstream: upstream, sharesNetwork: shared)
        #expect(text == expected)
    }

    @Test func aConfigurationReplacesWhatItNames() {
        let text = NetworkFiles.resolverConfiguration(
            builder: "search a b\nnameserver 10.0.0.9\noptions ndots:2\n",
            sharesNetwork: true,
            override: .init(nameServers: ["1.1.1.1"], search: ["c"])
        )
        #expect(text == "options ndots:2\nsearch c\nnameserver 1.1.1.1\n")
    }

    @Test func aBuilderWithoutConfigurationUsesPublicServers() {
        #expect(
            NetworkFiles.resolverConfiguration(builder: nil, sharesNetwork: true) == NetworkFilesTests.fallback
        )
    }
}
