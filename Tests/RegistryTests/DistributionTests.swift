import LinuxSystem
import OCI
import Registry
import Testing

@Suite("a real registry", .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"))
struct DistributionTests {
    @Test("what is pushed is pulled again, and other tools read it")
    func roundTrip() async throws {
        try await DockerRegistry.with { registry in
            let reference = try registry.reference("team/app:1")
            let image = TestImage(layerSize: 3 << 20)
            let recorder = Recorder()
            try await RegistryClient.with(recorder.configuration()) { client in
                let pushed = try await image.push(client, to: reference)
                #expect(pushed.layer == .uploaded)
                #expect(try await image.push(client, to: reference).layer == .existed)

                let root = try await client.resolve(reference)
                #expect(root == pushed.manifest)
                let pulled = try await client.image(reference, root: root, platform: .host)
                #expect(pulled.bytes == image.manifest)
                #expect(try await client.document(pulled.manifest.config, of: reference) == image.config)
                let layer = try #require(pulled.manifest.layers.first)
                #expect(try await read(client.blob(layer, of: reference)) == image.layer)
            }
            let size = Int64(image.layer.count)
            let digest = image.layerDescriptor.digest
            #expect(recorder.events.contains(.uploaded(digest, offset: size, total: size)))
            #expect(recorder.events.contains(.downloaded(digest, offset: size, total: size)))
            try await inspect(reference)
        }
    }

    private func inspect(_ reference: ImageReference) async throws {
        guard Process.find("skopeo") != nil else { return }
        let request = Process.Request(
            "skopeo",
            ["inspect", "--tls-verify=false", "docker://\(reference)"]
        )
        let outcome = try await Process.run(request)
        #expect(outcome.status.isSuccess, "\(outcome.errorText)")
        #expect(String(decoding: outcome.output, as: UTF8.self).contains(#""made.by": "swbuild""#))
    }

    @Test("a blob of another repository is mounted")
    func mount() async throws {
        try await DockerRegistry.with { registry in
            let first = try registry.reference("a:1")
            let second = try registry.reference("b:1")
            try await RegistryClient.with(Recorder().configuration()) { client in
                let image = TestImage()
                try await image.push(client, to: first)
                #expect(try await image.push(client, to: second, sibling: first).layer == .mounted(from: "a"))
                #expect(try await read(client.blob(image.layerDescriptor, of: second)) == image.layer)
            }
        }
    }

    @Test("the image for a platform is found in an index")
    func platforms() async throws {
        try await DockerRegistry.with { registry in
            let reference = try registry.reference("multi:1")
            try await RegistryClient.with(Recorder().configuration()) { client in
                var entries: [Descriptor] = []
                for name in ["linux/amd64", "linux/arm64"] {
                    let platform = try Platform(parsing: name)
                    let image = TestImage(platform: platform)
                    let digest = Digest.sha256(of: image.manifest)
                    var entry = try await image.push(client, to: reference.withDigest(digest)).manifest
                    entry.platform = platform
                    entries.append(entry)
                }
                let index = Index(manifests: entries).encoded()
                let root = try await client.pushManifest(index, mediaType: MediaType.ociIndex, to: reference)
                #expect(try await client.resolve(reference) == root)
                let arm = try Platform(parsing: "linux/arm64")
                #expect(try await client.image(reference, root: root, platform: arm).descriptor == entries[1])
                let error = await #expect(throws: RegistryError.self) {
                    try await client.image(reference, root: root, platform: Platform(parsing: "linux/s390x"))
                }
                #expect(error?.description == "\(reference): no match for platform in manifest: not found")
                #expect(error?.hint == "wanted linux/s390x, there are linux/amd64, linux/arm64")
            }
        }
    }

    @Test("what is missing is not found")
    func missing() async throws {
        try await DockerRegistry.with { registry in
            let reference = try registry.reference("nothing:nope")
            try await RegistryClient.with(Recorder().configuration()) { client in
                await #expect(throws: RegistryError.notFound(reference.description)) {
                    try await client.resolve(reference)
                }
                let blob = TestImage().layerDescriptor
                await #expect(throws: RegistryError.notFound("\(reference.name)@\(blob.digest)")) {
                    try await read(client.blob(blob, of: reference))
                }
            }
        }
    }

    @Test("changed and shortened blobs are refused")
    func damage() async throws {
        try await DockerRegistry.with { registry in
            let reference = try registry.reference("damaged:1")
            let image = TestImage()
            let blob = image.layerDescriptor
            try await RegistryClient.with(Recorder().configuration()) { client in
                try await image.push(client, to: reference)
                let wrong = [UInt8](repeating: 1, count: image.layer.count)
                try write(wrong, to: registry.path(of: blob.digest))
                await #expect(throws: RegistryError.digestMismatch(got: .sha256(of: wrong), want: blob.digest)) {
                    try await read(client.blob(blob, of: reference))
                }
                try write(Array(wrong.prefix(100)), to: registry.path(of: blob.digest))
                await #expect(
                    throws: RegistryError.sizeMismatch(
                        subject: blob.digest.description,
                        got: 100,
                        want: blob.size
                    )
                ) {
                    try await read(client.blob(blob, of: reference))
                }
            }
        }
    }

    @Test("a user and a password are asked for, and never shown")
    func users() async throws {
        try await DockerRegistry.with(DockerRegistry.Setup(hasUsers: true)) { registry in
            let reference = try registry.reference("private:1")
            try await RegistryClient.with(Recorder().configuration()) { client in
                let error = await #expect(throws: RegistryError.self) { try await client.resolve(reference) }
                #expect(error?.description.hasPrefix("\(reference): unauthorized: pull access denied") == true)
                #expect(error?.hint?.contains("docker login \(registry.host)") == true)
            }
            func credentials(_ password: String) -> GivenCredentials {
                GivenCredentials([registry.host: .password(user: "user", password: Secret(password))])
            }
            try await RegistryClient.with(Recorder().configuration(credentials: credentials("hunter2"))) { client in
                let error = await #expect(throws: RegistryError.self) {
                    try await TestImage().push(client, to: reference)
                }
                #expect(error?.description.contains("push access denied") == true)
                #expect(error.map { "\($0) \(String(reflecting: $0))".contains("hunter2") } == false)
            }
            try await RegistryClient.with(Recorder().configuration(credentials: credentials("secret"))) { client in
                let pushed = try await TestImage().push(client, to: reference)
                #expect(try await client.resolve(reference) == pushed.manifest)
            }
        }
    }

    @Test(
        "a certificate is trusted only when it is given",
        .enabled(if: Process.find("openssl") != nil, "openssl is not installed")
    )
    func certificates() async throws {
        try await DockerRegistry.with(DockerRegistry.Setup(hasCertificate: true)) { registry in
            let reference = try registry.reference("secure:1")
            try await RegistryClient.with(Recorder().configuration()) { client in
                await #expect(
                    throws: RegistryError.tls(registry: registry.host, reason: "the certificate is not trusted")
                ) {
                    try await client.resolve(reference)
                }
            }
            for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
                let value = registry.directory + (variable == "SSL_CERT_FILE" ? "/tls.crt" : "")
                try await RegistryClient.with(Recorder().configuration(environment: [variable: value])) { client in
                    try await TestImage().push(client, to: reference)
                }
            }
            var configuration = Recorder().configuration()
            configuration.insecure = [registry.host]
            try await RegistryClient.with(configuration) { client in
                _ = try await client.resolve(reference)
            }
        }
    }

    @Test("an insecure registry may speak plain HTTP")
    func insecure() async throws {
        try await DockerRegistry.with { registry in
            var configuration = Recorder().configuration()
            configuration.insecure = [registry.host]
            try await RegistryClient.with(configuration) { client in
                try await TestImage().push(client, to: registry.reference("x:1"))
            }
        }
    }
}
