import Authorities
import Certificates
import Concurrency
import Core
import Glibc
import RPC
import TLS
import Telemetry

/// What the manager shows to machines, and whom it trusts: in files, which are made anew when it starts, when two thirds of the
/// certificate's time are over, and when the authorities change.
final class ManagerCredentials: Sendable {
    let certificates: RPCCertificates
    let server: RPCServerCertificates
    private let authorities: AuthorityStore
    private let directory: String
    private let environment: Environment
    private let logger: Logger

    /// How often the authorities are looked at.
    private static let interval = Duration.seconds(60)

    init(
        _ authorities: AuthorityStore, directory: String, environment: Environment, _ logger: Logger
    ) async throws {
        self.authorities = authorities
        self.directory = directory
        self.environment = environment
        self.logger = logger
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw PrivateFile.failure("make", directory)
        }
        try await Self.write(authorities, directory)
        certificates = RPCCertificates(
            identity: TLSContext.Identity(
                certificates: .file(directory + "/manager.crt"), key: .file(directory + "/manager.key")),
            authorities: .file(directory + "/ca.crt"))
        server = try RPCServerCertificates(certificates)
    }

    private static func write(_ authorities: AuthorityStore, _ directory: String) async throws {
        let (key, request) = try NodeJoinCommand.made { () throws(CertificateError) in
            let key = try PrivateKey.generate()
            return (key, try SigningRequest.make(for: key))
        }
        let issued = try await authorities.certify(service: NodeDoor.service, request)
        let (certificate, text) = try NodeJoinCommand.made { () throws(CertificateError) in
            (try issued.certificate.pem(), String(decoding: try key.pem(), as: UTF8.self))
        }
        try PrivateFile.write(text, to: directory + "/manager.key")
        try PrivateFile.write(certificate, to: directory + "/manager.crt")
        try PrivateFile.write(try await trust(authorities), to: directory + "/ca.crt")
    }

    private static func trust(_ authorities: AuthorityStore) async throws -> String {
        let trusted = try await authorities.trusted()
        return try NodeJoinCommand.made { () throws(CertificateError) in
            var text = ""
            for authority in trusted { text += try authority.certificate.pem() }
            return text
        }
    }

    /// Keeps them good until cancelled.
    func run() async {
        // Ends with the platform, by cancellation.
        while (try? await environment.clock.sleep(for: Self.interval)) != nil {
            do {
                if try await isStale() {
                    try await Self.write(authorities, directory)
                    try server.reload()
                }
            } catch {
                logger.error(
                    "the manager's certificate cannot be renewed", ["error": .text("\(error)")])
            }
        }
    }

    private func isStale() async throws -> Bool {
        let text = try PrivateFile.read(directory + "/manager.crt", upTo: 1 << 16) ?? ""
        let chain = try NodeJoinCommand.made { () throws(CertificateError) in
            try Certificate.chain(pem: Array(text.utf8))
        }
        guard let certificate = chain.first, environment.wallClock.now < certificate.renewsAt else {
            return true
        }
        return try await Self.trust(authorities)
            != PrivateFile.read(directory + "/ca.crt", upTo: 1 << 20)
    }
}
