import Certificates
import ClusterModel
import Concurrency
import Core
import Documents
import Glibc
import Leases
import NodePolls
import NodeServices
import RPC
import RPCModel
import Synchronization
import TLS
import TaskDecisions
import Telemetry
import Workers

/// The worker's own work, for as long as the process lives.
struct WorkerRun: Service {
    let name = "worker"
    let worker: Worker
    let disconnects: DisconnectGuard

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            group.addTask { await disconnects.run() }
            context.markReady()
            try await context.waitForDrain()
            // Attempts run on: the next start adopts them.
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

/// Answers on the bus what this machine is busy with.
struct AnswerService: Service {
    let name = "answers"
    let responder: MetricsResponder

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await responder.run() }
            context.markReady()
            try await context.waitForDrain()
            group.cancelAll()
        }
    }
}

/// A server of calls that listens already.
struct CallService: Service {
    let name = "calls"
    let server: RPCServer

    func run(_ context: ServiceContext) async throws {
        context.markReady()
        do { try await context.waitForDrain() } catch {
            await server.shutdown(deadline: .zero)
            throw error
        }
        // The manager's session never ends by itself.
        await server.shutdown(deadline: .milliseconds(100))
    }
}

/// Registered, and with a certificate that is good: ready when it is so the first time.
struct RegistrationService: Service {
    let name = "registration"
    let keeper: RegistrationKeeper
    let renewal: MembershipRenewal
    /// Told once the manager knows this worker.
    let announce: @Sendable () throws -> Void

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await keeper.run() }
            group.addTask { await renewal.run() }
            group.addTask {
                context.markReady()
                _ = try await keeper.first.value()
                try announce()
                try await context.waitForDrain()
                throw CancellationError()
            }
            group.addTask {
                try await context.waitForDrain()
                throw CancellationError()
            }
            defer { group.cancelAll() }
            do {
                while try await group.next() != nil {}
            } catch is CancellationError {}  // It is asked to end.
        }
    }
}

/// The way to the manager: one channel, made anew when it is lost or the certificates are new.
final class ManagerLink: Sendable {
    private let membership: WorkerMembership
    private let poller: RPCPoller
    private let environment: Environment
    private let channel = Mutex<RPCChannel?>(nil)

    init(_ membership: WorkerMembership, poller: RPCPoller, environment: Environment) {
        self.membership = membership
        self.poller = poller
        self.environment = environment
    }

    /// How long a manager may take to say where workers register.
    private static let patience = Duration.seconds(10)

    /// Asks the manager where workers register, and makes a channel to there.
    func dial() async throws -> any RPCCalling {
        let membership = membership
        // Whoever answers at the manager's address but says nothing, such as a program that has its port meanwhile, holds nobody up.
        let (host, port) = try await withDeadline(
            Self.patience, clock: environment.clock, of: "asking the manager where to register"
        ) { try await membership.registry() }
        var configuration = RPCChannelConfiguration(environment: environment)
        configuration.certificates = membership.certificates
        configuration.serverName = NodeDoor.serverName
        let made = try RPCChannel(.tcp(host, port), configuration: configuration, poller: poller)
        channel.withLock { $0 = made }
        return made
    }

    /// The channel there is, else a new one.
    func calls() async throws -> any RPCCalling {
        if let channel = channel.withLock({ $0 }) { return channel }
        return try await dial()
    }

    /// The certificates are new.
    func reload() throws { try channel.withLock { $0 }?.reload() }
}

/// Gets the machine's next certificate when two thirds of the time of the one it has are over.
struct MembershipRenewal: Sendable {
    private let membership: WorkerMembership
    private let certificates: RPCServerCertificates
    /// What HTTP shows; nil without TLS.
    private let shown: TLSCertificate?
    private let link: ManagerLink
    private let environment: Environment
    private let logger: Logger
    private static let interval = Duration.seconds(3600)

    init(
        _ membership: WorkerMembership, _ certificates: RPCServerCertificates, _ shown: TLSCertificate?,
        _ link: ManagerLink, _ environment: Environment, _ logger: Logger
    ) {
        self.membership = membership
        self.certificates = certificates
        self.shown = shown
        self.link = link
        self.environment = environment
        self.logger = logger
    }

    func run() async {
        while !Task.isCancelled {
            var pause = Self.interval
            do {
                let now = environment.wallClock.now
                let certificate = try membership.certificate()
                if let reason = CertificateRenewal.reason(for: certificate, at: now) {
                    // Also for one that cannot be renewed any more: the platform says what to do.
                    try await membership.renew(at: now)
                    logger.info("this machine's certificate was renewed", ["reason": .text("\(reason)")])
                    try certificates.reload()
                    try shown?.reload()
                    try link.reload()
                } else {
                    pause = CertificateRenewal.pause(for: certificate, upTo: Self.interval, at: now)
                }
            } catch {
                logger.warning(
                    "this machine's certificate cannot be renewed; trying again",
                    ["error": .text("\(error)")])
            }
            // Cancelled: the worker ends.
            guard (try? await environment.clock.sleep(for: pause)) != nil else { return }
        }
    }
}

/// The highest epoch a worker has obeyed, kept over restarts.
enum EpochFile {
    static func path(in directory: String) -> String { directory + "/epoch" }

    static func guarding(_ directory: String) throws -> EpochGuard {
        let path = path(in: directory)
        let text = try PrivateFile.read(path).map { String($0.prefix { !$0.isNewline }) }
        guard let highest = Int64(text ?? "0") else {
            throw ApolloError(
                .corrupt, "\(path) does not hold an epoch", hint: "remove it; the manager tells it again")
        }
        return EpochGuard(highest: highest) { try PrivateFile.write("\($0)\n", to: path) }
    }
}

/// What has to be stopped when the worker is cut off, kept over restarts.
enum GuardFile {
    static func make(
        _ directory: String, node: NodeID, environment: Environment,
        stop: @escaping @Sendable (Directive) -> Void, note: @escaping @Sendable (String) -> Void
    ) throws -> DisconnectGuard {
        let path = directory + "/stop-after"
        var entries: [DisconnectTable.Entry] = []
        if let text = try PrivateFile.read(path, upTo: 64 << 20) {
            do {
                entries = try JSONReader.decode(from: Array(text.utf8))
            } catch {
                throw ApolloError(
                    .corrupt, "\(path) cannot be read: \(error)",
                    hint: "remove it; tasks with 'stop_after' that run here are then not stopped after a cut")
            }
        }
        return DisconnectGuard(
            node: node, entries: entries, environment: environment,
            save: {
                try PrivateFile.write(
                    String(decoding: JSONWriter.bytes(encoding: $0), as: UTF8.self), to: path)
            },
            stop: stop, note: note)
    }
}

/// One worker at a time uses a directory.
struct WorkerLock {
    private let descriptor: Int32

    init(_ directory: String) throws {
        let path = directory + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PrivateFile.failure("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ApolloError(
                .conflict, "another worker uses \(directory)",
                hint: "stop it, or choose another directory with --data")
        }
    }

    func release() { close(descriptor) }
}
