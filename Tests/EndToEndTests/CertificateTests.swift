import Testing

/// `--ca-certificates`: what steps trust without a trace of it in the image.
@Suite struct CertificateTests {
    private static let variables = [
        "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO",
    ]

    private func project(_ steps: String, as account: Account = .caller) throws -> Project {
        let project = try Project("FROM \(try BaseImages.busybox.get())\n\(steps)\n", as: account)
        try project.shell(
            "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=CompanyAuthority -keyout key.pem -out ca.pem 2>/dev/null"
        )
        try project.handOver()
        return project
    }

    @Test("steps of every user read the bundle, and nothing of it stays", arguments: Account.available)
    func shown(account: Account) throws {
        let names = Self.variables.map { "$\($0)" }.joined(separator: " ")
        let project = try project(
            """
            ENV PIP_CERT=/own
            USER app
            RUN for file in \(names); do echo "= $file"; done; cat $SSL_CERT_FILE; ! rm -f $SSL_CERT_FILE 2>/dev/null
            """,
            as: account
        )
        let outcome = try project.build(
            "--ca-certificates=host",
            "-o",
            "type=oci,dest=app.tar",
            environment: ["SSL_CERT_FILE": project.path("ca.pem")]
        )
        for line in try FileTree.text(project.path("ca.pem")).split(separator: "\n") {
            #expect(outcome.errors.contains(line), "\(outcome)")
        }
        let shown = outcome.errorLines.filter { $0.contains(" = /") }.compactMap { $0.split(separator: " ").last }
        #expect(
            Set(shown) == ["/dev/ca-certificates.pem", "/own"] && shown.count == Self.variables.count,
            "\(outcome)"
        )
        let view = try LayoutView(archive: project.path("app.tar"))
        #expect(try view.entries(layer: 1).isEmpty)
        #expect(try !view.config(".").contains("ca-certificates"))
        // The bundle is no part of the key.
        let again = try project.build("-o", "type=cacheonly")
        #expect(PlainProgress(again).end(of: "RUN for file") == .cached, "\(again)")
    }

    @Test("without the option steps see nothing of the caller's")
    func off() throws {
        let project = try project("RUN env; ! test -e /dev/ca-certificates.pem")
        let outcome = try project.build(
            "-o",
            "type=cacheonly",
            environment: ["SSL_CERT_FILE": project.path("ca.pem")]
        )
        #expect(!outcome.errors.contains("CERT_FILE"), "\(outcome)")
    }

    @Test("a directory of certificates is one bundle")
    func directory() throws {
        let project = try project("RUN grep -c BEGIN $SSL_CERT_FILE")
        try project.shell("mkdir authorities && cp ca.pem authorities/a.pem && cp ca.pem authorities/b.crt")
        let outcome = try project.build("--ca-certificates", "authorities", "-o", "type=cacheonly")
        #expect(outcome.errorLines.contains { $0.hasPrefix("#") && $0.hasSuffix(" 2") }, "\(outcome)")
    }

    @Test(
        "what is no bundle is refused",
        arguments: [
            ("key.pem", "it holds a private key"), ("Dockerfile", "it holds no certificate in PEM form"),
            ("missing", "no such file or directory"),
        ]
    )
    func refused(name: String, reason: String) throws {
        let outcome = try project("RUN true").fail("--ca-certificates", name, "-o", "type=cacheonly")
        #expect(outcome.errors.contains("cannot use the certificates of `\(name)`: \(reason)"), "\(outcome)")
        #expect(outcome.errors.contains("hint: give a file of certificates"), "\(outcome)")
    }
}
