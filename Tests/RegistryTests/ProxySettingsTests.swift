import Testing

@testable import Registry

@Suite("proxies")
struct ProxySettingsTests {
    @Test(
        "NO_PROXY excepts hosts as Go's client does",
        arguments: [
            ("example.com", "example.com", true), ("example.com", "a.example.com", true),
            (".example.com", "a.example.com", true), ("*.example.com", "a.example.com", true),
            ("example.com", "notexample.com", false), ("example.com:5000", "example.com", true),
            ("example.com:5001", "example.com", false), ("a, b.c", "b.c", true), ("*", "x.y", true),
            ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.1.2.3", false), ("10.1.2.3", "10.1.2.3", true),
            ("fd00::/8", "[fd00::1]", true), ("", "example.com", false), ("10.0.0.0/99", "10.0.0.1", false),
            ("EXAMPLE.com", "Example.COM", true), ("", "localhost", true), ("", "127.9.9.9", true),
            ("", "[::1]", true), ("", "::1", true),
        ]
    )
    func exceptions(list: String, host: String, excepted: Bool) {
        let settings = ProxySettings(environment: ["HTTP_PROXY": "http://proxy:3128", "NO_PROXY": list])
        #expect((settings.server(scheme: "http", host: host, port: 5000) == nil) == excepted)
    }

    @Test("each scheme has its own proxy, and lowercase names come first")
    func variables() {
        let settings = ProxySettings(environment: ["HTTPS_PROXY": "a", "https_proxy": "b", "HTTP_PROXY": ""])
        #expect(settings.server(scheme: "https", host: "x.y", port: 443)?.variable == "https_proxy")
        #expect(settings.server(scheme: "http", host: "x.y", port: 80) == nil)
    }

    @Test(
        "the proxy's address is understood",
        arguments: [("proxy:3128", 3128), ("http://proxy", 80), ("socks5://proxy", 1080), ("http://u:p%40@proxy:1", 1)]
    )
    func addresses(text: String, port: Int) throws {
        let configuration = try ProxySettings.Server(variable: "V", address: Secret(text)).configuration()
        #expect(configuration.host == "proxy")
        #expect(configuration.port == port)
    }

    @Test(
        "an unusable address is refused without showing it",
        arguments: ["ftp://u:pw@proxy", "http://", "http://%zz"]
    )
    func refused(text: String) {
        let error = #expect(throws: RegistryError.self) {
            try ProxySettings.Server(variable: "V", address: Secret(text)).configuration()
        }
        #expect(error?.description.hasPrefix("cannot use the proxy in `V`: ") == true)
        #expect(error?.description.contains("pw") == false)
    }

    @Test(
        "the scheme follows from the host and the configuration",
        arguments: [
            ("registry.test", "https"), ("127.0.0.1:5000", "http"), ("localhost", "http"), ("[::1]:5000", "http"),
            ("plain.test", "http"), ("insecure.test", "https"), ("127.0.0.1.evil.test", "https"),
        ]
    )
    func schemes(host: String, scheme: String) {
        var configuration = RegistryConfiguration()
        configuration.plainHTTP = ["plain.test"]
        configuration.insecure = ["insecure.test"]
        let endpoints = Endpoints(configuration)
        #expect(endpoints.endpoint(host: host).scheme == scheme)
        #expect(endpoints.endpoint(host: host).verify == (host != "insecure.test"))
    }

    @Test("an address of 127 in IPv6 clothing is not loopback for plain HTTP by accident")
    func mapped() {
        #expect(!isLoopback(host: "::ffff:10.0.0.1"))
        #expect(!isLoopback(host: "localhost.evil.test"))
    }
}
