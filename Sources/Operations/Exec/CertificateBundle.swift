import LinuxSystem
import Sandbox

/// Certificate authorities that steps trust as the builder does: a company's own, mostly.
///
/// They are shown to each step, and are no part of a cache key, a layer or a configuration.
package struct CertificateBundle: Hashable, Sendable {
    /// Where the authorities are.
    package enum Source: Hashable, Sendable {
        /// A file in PEM form, or a directory of such files.
        case path(Path)
        /// Those of `SSL_CERT_FILE`, else of `SSL_CERT_DIR`, else of this machine.
        case host
    }

    /// Where a step finds the file: a file system of its own that no layer sees.
    static let target: Path = "/dev/ca-certificates.pem"

    /// What programs ask for a file of authorities: OpenSSL and Go, curl, Python, Node.js, Git, the AWS tools, Rust, Deno,
    /// Ruby's Bundler and Nix.
    static let variables = [
        "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO",
        "AWS_CA_BUNDLE", "CARGO_HTTP_CAINFO", "DENO_CERT", "BUNDLE_SSL_CA_CERT", "NIX_SSL_CERT_FILE",
    ]

    private static let limit = 4 << 20
    private static let directoryLimit = 2000

    /// Where distributions keep their bundle: Debian and Alpine, Fedora, SUSE, others.
    private static let usualPlaces: [Path] = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]

    /// The certificates in PEM form.
    let bytes: [UInt8]

    /// Reads the authorities; throws ``OperationError/certificates(path:reason:)`` where there are none, or where
    /// a private key is among them.
    package init(_ source: Source, environment: (String) -> String?) throws {
        let place = try Self.place(source, environment)
        bytes = try Self.read(place)
        let text = String(decoding: bytes, as: UTF8.self)
        if text.contains("PRIVATE KEY-----") {
            throw OperationError.certificates(path: place.string, reason: "it holds a private key")
        }
        guard text.contains("-----BEGIN CERTIFICATE-----") || text.contains("-----BEGIN TRUSTED CERTIFICATE-----")
        else {
            throw OperationError.certificates(path: place.string, reason: "it holds no certificate in PEM form")
        }
    }

    private static func place(_ source: Source, _ environment: (String) -> String?) throws -> Path {
        if case .path(let path) = source { return path }
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            // SSL_CERT_DIR may be a list.
            if let value = environment(name)?.split(separator: ":").first { return Path(String(value)) }
        }
        if let found = usualPlaces.first(where: { (try? FileStatus.of($0))?.kind == .regular }) { return found }
        throw OperationError.certificates(
            path: usualPlaces[0].string,
            reason: "there is no such file, nor SSL_CERT_FILE"
        )
    }

    private static func read(_ place: Path) throws -> [UInt8] {
        do throws(SystemError) {
            guard try FileStatus.of(place).kind == .directory else {
                return try FileDescriptor.open(place).readAll(limit: limit)
            }
            let names = try Directory.open(place).entries().map(\.name.string).sorted()
            var bytes: [UInt8] = []
            // Hashed names are links to the others.
            for name in names.prefix(directoryLimit) where name.hasSuffix(".pem") || name.hasSuffix(".crt") {
                bytes += try FileDescriptor.open(place.appending(name)).readAll(limit: limit - bytes.count) + [0x0A]
            }
            return bytes
        } catch {
            throw OperationError.certificates(path: place.string, reason: SystemError.reason(error.code))
        }
    }

    /// The file that a step sees.
    var mount: RunMount {
        RunMount(target: Self.target, content: .file(bytes, permissions: 0o444, uid: 0, gid: 0), readOnly: true)
    }

    /// `NAME=value` of the variables that an environment does not set itself.
    static func additions(to environment: [String]) -> [String] {
        let names = Set(environment.map { $0.prefix { $0 != "=" } })
        return variables.filter { !names.contains($0[...]) }.map { "\($0)=\(target)" }
    }
}
