import LinuxSystem
import NIOSSL

/// The certificates that a secure connection trusts: those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, else the system's.
struct TrustRoots {
    let environment: [String: String]

    /// Bundles of distributions that NIOSSL does not look for.
    private static let otherBundles = [
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
        "/etc/pki/tls/cacert.pem", "/etc/ssl/certs/ca-bundle.crt",
    ]

    /// Returns the client's settings; reads the files that the environment names.
    func configuration(verify: Bool) throws(RegistryError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        guard verify else {
            configuration.certificateVerification = .none
            return configuration
        }
        if let certificates = try given() {
            configuration.trustRoots = .certificates(certificates)
        } else if let bundle = Self.unusualBundle() {
            configuration.trustRoots = .file(bundle)
        }
        return configuration
    }

    private func given() throws(RegistryError) -> [NIOSSLCertificate]? {
        let file = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        let directories = (environment["SSL_CERT_DIR"] ?? "").split(separator: ":").map(String.init)
        guard file != nil || !directories.isEmpty else { return nil }
        var certificates: [NIOSSLCertificate] = []
        if let file {
            do {
                certificates += try NIOSSLCertificate.fromPEMFile(file)
            } catch {
                throw .certificates(path: file, reason: "no readable PEM certificates")
            }
        }
        for directory in directories {
            certificates += try Self.certificates(in: directory)
        }
        return certificates
    }

    /// Reads every file of a directory that holds certificates; the others are not meant for us.
    private static func certificates(in directory: String) throws(RegistryError) -> [NIOSSLCertificate] {
        do {
            let path = Path(directory)
            return try Directory.open(path).entries().flatMap { entry in
                (try? NIOSSLCertificate.fromPEMFile(path.appending(entry.name).string)) ?? []
            }
        } catch {
            throw .certificates(path: directory, reason: SystemError.reason(error.code))
        }
    }

    private static func unusualBundle() -> String? {
        let usual = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
        guard !usual.contains(where: exists) else { return nil }
        return otherBundles.first(where: exists)
    }

    private static func exists(_ path: String) -> Bool {
        (try? FileStatus.of(Path(path)))?.kind == .regular
    }
}
