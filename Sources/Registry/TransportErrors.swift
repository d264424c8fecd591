import AsyncHTTPClient
import Glibc
import LinuxSystem
import NIOCore
import NIOPosix
import NIOSSL

/// Turns what the HTTP library throws into one of our errors, or into a cancellation.
func translate(_ error: any Error, registry: String) -> any Error {
    switch error {
    case is CancellationError, is RegistryError:
        return error
    case let error as HTTPClientError:
        return translate(error, registry)
    case let error as NIOConnectionError:
        return translate(error, registry)
    case let error as IOError:
        return translate(error, registry)
    case let error as NIOSSLError:
        return translate(error, registry)
    case is NIOSSLExtraError:
        return RegistryError.tls(registry: registry, reason: "the certificate is for another host")
    case let error as ChannelError:
        if case .connectTimeout = error {
            return RegistryError.unreachable(registry: registry, reason: "connection timed out")
        }
        return RegistryError.interrupted(registry: registry, reason: "connection closed")
    default:
        return RegistryError.interrupted(registry: registry, reason: "\(error)")
    }
}

private func translate(_ error: HTTPClientError, _ registry: String) -> any Error {
    switch error {
    case .cancelled, .alreadyShutdown, .requestStreamCancelled:
        Task.isCancelled
            ? CancellationError() : RegistryError.interrupted(registry: registry, reason: "request cancelled")
    case .connectTimeout, .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout:
        RegistryError.unreachable(registry: registry, reason: "connection timed out")
    case .tlsHandshakeTimeout: RegistryError.tls(registry: registry, reason: "handshake timed out")
    case .proxyAuthenticationRequired:
        RegistryError.unreachable(registry: registry, reason: "the proxy wants a user and a password")
    case .invalidProxyResponse: RegistryError.unreachable(registry: registry, reason: "the proxy refused to connect")
    case .readTimeout, .deadlineExceeded: RegistryError.interrupted(registry: registry, reason: "no answer in time")
    case .writeTimeout: RegistryError.interrupted(registry: registry, reason: "cannot send in time")
    case .remoteConnectionClosed, .uncleanShutdown:
        RegistryError.interrupted(registry: registry, reason: "connection closed")
    default: RegistryError.invalidResponse(subject: registry, reason: "\(error)")
    }
}

private func translate(_ error: IOError, _ registry: String) -> RegistryError {
    let reason = SystemError.reason(error.errnoCode)
    switch error.errnoCode {
    // A host with one address gives what connect(2) gave.
    case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EACCES, EPERM:
        return .unreachable(registry: registry, reason: reason)
    default:
        return .interrupted(registry: registry, reason: reason)
    }
}

private func translate(_ error: NIOConnectionError, _ registry: String) -> RegistryError {
    guard let failure = error.connectionErrors.first?.error else {
        return .unreachable(registry: registry, reason: "host not found")
    }
    if let failure = failure as? IOError {
        return .unreachable(registry: registry, reason: SystemError.reason(failure.errnoCode))
    }
    if case .connectTimeout? = failure as? ChannelError {
        return .unreachable(registry: registry, reason: "connection timed out")
    }
    return .unreachable(registry: registry, reason: "\(failure)")
}

private func translate(_ error: NIOSSLError, _ registry: String) -> RegistryError {
    guard case .handshakeFailed(let cause) = error else {
        if case .unableToValidateCertificate = error {
            return .tls(registry: registry, reason: "the certificate is not trusted")
        }
        return .interrupted(registry: registry, reason: "connection closed")
    }
    let text = "\(cause)"
    if text.contains("CERTIFICATE_VERIFY_FAILED") {
        return .tls(registry: registry, reason: "the certificate is not trusted")
    }
    if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
        return .tls(registry: registry, reason: "the server does not speak TLS")
    }
    return .tls(registry: registry, reason: "handshake failed")
}
