import Authorities
import Certificates
import Concurrency
import Core
import Synchronization
import TLS
import Telemetry

/// What the server shows in TLS, kept good while it runs: renewed where it is the platform's own, read again where its files have
/// changed. What cannot be used is said, and the old stays. All doors share ``materials``.
final class ServerTLS: Service {
    let name = "tls"
    let materials: TLSMaterials
    /// HTTP's.
    let certificate: TLSCertificate
    /// Judges what clients show.
    let judge: CertificateJudge
    private let source: Source
    private let authorities: AuthorityStore
    private let environment: Environment
    private let logger: Logger
    private let turn = Permits(1)
    private let seen: Mutex<Seen>
    private let complaint = Mutex<Complaint?>(nil)

    private enum Source {
        case files(certificates: String, key: String)
        case own(OwnCertificate)
    }

    /// What was looked at last.
    private struct Seen: Equatable {
        var stamp: [FileStamp]
        var trusted: [Certificate] = []
    }

    private struct Complaint {
        var text: String
        var at: MonotonicInstant
    }

    /// How often files and authorities are looked at, besides when somebody says that they have changed.
    private static let interval = Duration.seconds(5)

    /// Nil where there is no TLS.
    /// - Parameter shown: what the server shows already; it is replaced then. Nil before it listens.
    static func make(
        _ endpoint: ListeningEndpoint, _ data: DataDirectory, _ authorities: AuthorityStore,
        shown: TLSCertificate?, environment: Environment, _ logger: Logger
    ) async throws -> ServerTLS? {
        // What an earlier start wrote would have clients of this machine trust nobody else.
        if case .own = endpoint.tls {
        } else {
            for file in ["/ca.crt", "/server.pem"] { PrivateFile.remove(data.tls + file) }
        }
        switch endpoint.tls {
        case .off: return nil
        case .files(let certificates, let key):
            return try await ServerTLS(
                .files(certificates: certificates, key: key), authorities, shown, environment, logger)
        case .own(let names):
            let own = try OwnCertificate(
                authorities, in: data.tls, names: names ?? ServerNames.ofThisMachine(listening: endpoint.host)
            )
            do { _ = try await own.renew(at: environment.wallClock.now) } catch {
                // One that is good for some time yet is better than no platform.
                guard let kept = try own.kept(), environment.wallClock.now < kept.notAfter else {
                    throw error
                }
                logger.error("the server's certificate cannot be renewed", ["error": .text("\(error)")])
            }
            return try await ServerTLS(.own(own), authorities, shown, environment, logger)
        }
    }

    private init(
        _ source: Source, _ authorities: AuthorityStore, _ shown: TLSCertificate?, _ environment: Environment,
        _ logger: Logger
    ) async throws {
        self.source = source
        self.authorities = authorities
        judge = CertificateJudge(authorities)
        self.environment = environment
        self.logger = logger
        seen = Mutex(Seen(stamp: Self.stamp(source)))
        let material = try await Self.read(source, authorities, logger)
        materials = TLSMaterials(material)
        do {
            if let shown {
                try shown.replace(material.identity, clients: material.clients)
                certificate = shown
            } else {
                certificate = try TLSCertificate(material.identity, clients: material.clients)
            }
        } catch {
            throw ApolloError(error)
        }
        await learn()
        authorities.observers.observe { [weak self] in
            await self?.learn()
            await self?.refresh(asked: false)
        }
        materials.observe { [certificate] in try certificate.replace($0.identity, clients: $0.clients) }
    }

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                while true {
                    // Ends with the platform, by cancellation.
                    try await environment.clock.sleep(for: Self.interval)
                    await refresh(asked: false)
                }
            }
            context.markReady()
            try await context.waitForDrain()
            group.cancelAll()
        }
    }

    /// Looks at everything anew, where it has changed; where it was `asked` to, in any case, and says what came of it.
    func refresh(asked: Bool) async {
        do {
            try await turn.withPermit {
                let new = try await renewed()
                let now = Seen(
                    stamp: Self.stamp(source), trusted: try await authorities.trusted().map(\.certificate))
                // What is broken is said once, and looked at again when it has changed.
                let isChanged = seen.withLock { last in
                    defer { last = now }
                    return last != now
                }
                guard asked || new || isChanged else { return }
                await learn()
                let material = try await Self.read(source, authorities, logger)
                guard material != materials.current else {
                    if asked { logger.info("the server's certificate is as it was") }
                    return
                }
                _ = try TLSContext.server(material.identity, clients: material.clients)
                try materials.replace(with: material)
                let facts = Self.facts(material)
                logger.info(
                    "new connections get the new certificate",
                    ["serial": .text(facts.serial), "until": .text(facts.until)])
            }
            complaint.withLock { $0 = nil }
        } catch is CancellationError {
        } catch {
            complain("\(error)", asked: asked)
        }
    }

    /// Says what keeps the old certificate in use, and again after an hour where it is still the same.
    private func complain(_ text: String, asked: Bool) {
        let now = environment.clock.now
        let isNew = complaint.withLock { last in
            if !asked, let last, last.text == text, last.at.duration(to: now) < .seconds(3600) {
                return false
            }
            last = Complaint(text: text, at: now)
            return true
        }
        guard isNew else { return }
        logger.error(
            "the server's new certificate cannot be used; the old one stays", ["error": .text(text)])
    }

    /// Tells the judge whom to believe by now.
    private func learn() async {
        do { try await judge.reload() } catch {
            logger.error("clients' certificates cannot be judged anew", ["error": .text("\(error)")])
        }
    }

    private func renewed() async throws -> Bool {
        guard case .own(let own) = source else { return false }
        guard let reason = try await own.renew(at: environment.wallClock.now) else { return false }
        logger.info("the server's certificate was renewed", ["reason": .text("\(reason)")])
        return true
    }

    private static func read(
        _ source: Source, _ authorities: AuthorityStore, _ logger: Logger
    ) async throws -> TLSMaterial {
        switch source {
        case .own(let own):
            let trusted = try await trust(authorities)
            try own.publish(trusted)
            return try own.material(trusting: .text(trusted))
        case .files(let certificates, let key):
            var trusted: PEMSource?
            do { trusted = .text(try await trust(authorities)) } catch {
                logger.warning(
                    "clients are asked for no certificates: the platform's authority cannot be used",
                    ["error": .text("\(error)")])
            }
            do {
                return TLSMaterial(
                    TLSContext.Identity(
                        certificates: .text(try PEMSource.file(certificates).text("certificate")),
                        key: .text(try PEMSource.file(key).text("key"))), authorities: trusted)
            } catch {
                throw ApolloError(error)
            }
        }
    }

    private static func trust(_ authorities: AuthorityStore) async throws -> String {
        let trusted = try await authorities.trusted()
        return try NodeJoinCommand.made { () throws(CertificateError) in
            var text = ""
            for authority in trusted { text += try authority.certificate.pem() }
            return text
        }
    }

    /// What tells whether the files are those that were read.
    private static func stamp(_ source: Source) -> [FileStamp] {
        switch source {
        case .own(let own): [FileStamp(own.file)]
        case .files(let certificates, let key): [FileStamp(certificates), FileStamp(key)]
        }
    }

    private static func facts(_ material: TLSMaterial) -> (serial: String, until: String) {
        guard case .text(let text) = material.identity.certificates else { return ("", "") }
        do {
            guard let certificate = try Certificate.chain(pem: Array(text.utf8)).first else {
                return ("", "")
            }
            return (certificate.serial, "\(certificate.notAfter)")
        } catch {
            return ("", "")  // OpenSSL's other reader took it: only the log knows less.
        }
    }
}
