import APIServers
import AccessKeyMessages
import AccessKeys
import AccountServices
import Concurrency
import Configuration
import Core
import Databases
import EventLoops
import HTTPParser
import HTTPRouting
import HTTPServers
import Identity
import IdentityDecisions
import KeyRings
import ObjectModel
import ObjectServices
import ObjectStorage
import Synchronization
import TLS
import Telemetry

/// The object store put together: its keys, its buckets, where it answers.
struct PlatformObjects: Sendable {
    static let migrations = [ObjectStore.migrations, AccessKeyStore.migrations, ObjectKeys.migrations]
    static let tags = AccessKeyRoutes.tags

    /// Where it listens, once it does.
    private final class Bound: Sendable {
        let view = Mutex<ObjectStoreView?>(nil)
    }

    private let keys: AccessKeyStore
    /// Nil where neither objects nor images are kept.
    let store: ObjectStore?
    private let endpoint: ObjectEndpoint?
    private let bound = Bound()
    private let uploadAge: Duration
    private let scrubInterval: Duration
    private let base: PlatformBase
    private let access: AccessControl
    /// Whether there is a principal whom S3 names so.
    private let isKnown: @Sendable (String) -> Bool
    private let environment: Environment

    init(
        _ configuration: ResolvedConfiguration, _ base: PlatformBase, _ database: any Database,
        _ ring: KeyRing, _ accounts: Accounts, environment: Environment
    ) async throws {
        self.base = base
        self.environment = environment
        access = accounts.access
        isKnown = { name in
            name == Principal.localAdministrator.name || accounts.read { $0.users[name] != nil }
        }
        uploadAge = configuration[PlatformSettings.objectsUploads]
        scrubInterval = configuration[PlatformSettings.objectsScrub]
        guard scrubInterval >= .seconds(1) else {
            throw ApolloError(
                .invalid, "objects.scrub is shorter than a second", hint: "leave it out for 7 days")
        }
        guard uploadAge >= .seconds(3600) else {
            throw ApolloError(
                .invalid, "objects.uploads is \(uploadAge.short), and has to be an hour at least",
                hint: "leave it out for 7 days")
        }
        guard configuration[PlatformSettings.objectsLifecycleDay] >= .seconds(1) else {
            throw ApolloError(
                .invalid, "objects.lifecycle_day is shorter than a second", hint: "leave it out for a day")
        }
        keys = AccessKeyStore(database, keys: ring) { Self.isGood($0, accounts) }
        endpoint = try ObjectEndpoint(configuration, beside: base.endpoint)
        if endpoint == nil, !PlatformImages.isEnabled(configuration) {
            store = nil
        } else {
            let path = configuration[PlatformSettings.objectsDirectory] ?? base.data.objects
            store = ObjectStore(
                try BlobDirectory(preparing: path), database, environment: environment,
                keys: ObjectKeys(database, ring),
                lifecycleDay: configuration[PlatformSettings.objectsLifecycleDay]
            ) { [logger = base.logger] in logger.warning($0) }
        }
        do {
            try await store?.load()
            try await keys.load()
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// Whether the owner of a key is there, and was when the key was made: another may have the name by now. One that a program's
    /// token has made ends with that.
    private static func isGood(_ key: AccessKeyRecord, _ accounts: Accounts) -> Bool {
        accounts.read { core in
            if let token = key.token, core.tokens[token] == nil { return false }
            guard key.principal != .localAdministrator else { return true }
            guard let user = core.users[key.principal.name] else { return false }
            return user.principal == key.principal && user.createdAt <= key.createdAt
        }
    }

    var routes: [Route<Caller>] {
        AccessKeyRoutes(keys, environment: environment) { [bound] in bound.view.withLock(\.self) }.routes
            + QuotaRoutes(isServed ? store : nil).routes
    }

    /// Whether it is served to S3's clients, and looked after meanwhile.
    var isServed: Bool { endpoint != nil }

    /// What of a project's is in the store, in words; nil for nothing.
    func contents(of project: String) -> String? {
        guard let count = store?.buckets().count(where: { $0.project == project }), count > 0 else {
            return nil
        }
        return count == 1 ? "a bucket" : "\(count) buckets"
    }

    /// - Parameters:
    ///   - certificate: nil for plain HTTP.
    ///   - announce: told the address once it is listened on.
    func service(
        _ sinks: ServerSinks, certificate: TLSCertificate?,
        announce: @escaping @Sendable (String) throws -> Void
    ) -> ObjectService? {
        guard let store, let endpoint else { return nil }
        return ObjectService(
            store: store,
            server: ObjectServer(
                store, keys: keys, access: access, environment: environment, sinks: sinks,
                isSecure: certificate != nil, isKnown: isKnown),
            endpoint: endpoint, certificate: certificate, uploadAge: uploadAge, scrubInterval: scrubInterval,
            metrics: sinks.metrics, loops: base.loops,
            environment: environment,
            logger: base.logger
        ) { [bound] address in
            let url = endpoint.url(of: address)
            if case .tcp(_, let port) = address {
                bound.view.withLock {
                    $0 = ObjectStoreView(address: url, port: Int(port), region: ObjectServer.region)
                }
            }
            try announce(url)
        }
    }
}

/// Serves the store at an address of its own.
struct ObjectService: Service {
    let name = "objects"
    let store: ObjectStore
    let server: ObjectServer
    let endpoint: ObjectEndpoint
    let certificate: TLSCertificate?
    /// How long an upload in parts may take.
    let uploadAge: Duration
    /// How often all bytes are looked at.
    let scrubInterval: Duration
    let metrics: MetricsRegistry
    let loops: EventLoopGroup
    let environment: Environment
    let logger: Logger
    /// Told the address once it is listened on.
    let announce: @Sendable (SocketAddress) throws -> Void

    func run(_ context: ServiceContext) async throws {
        var configuration = HTTPServerConfiguration(
            endpoints: [HTTPServerConfiguration.Endpoint(endpoint.address, certificate: certificate)],
            environment: environment, report: { [logger] in HTTPDoor.report($0, to: logger) })
        configuration.problem = ObjectServer.problem
        // Keys of 1,024 bytes, percent-encoded, with a presigned URL's parameters; and 2 KiB of metadata.
        configuration.limits.parser.targetBytes = 16 << 10
        configuration.limits.parser.fieldBytes = 32 << 10
        let http = HTTPServer(configuration: configuration) { [server] in await server.handle($0) }
        let address = try await http.start(on: loops)[0]
        do {
            try announce(address)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await collect() }
                group.addTask { await expire() }
                group.addTask { await scrub() }
                context.markReady()
                try await context.waitForDrain()
                group.cancelAll()
            }
        } catch {
            await http.shutdown(deadline: .zero)
            throw error
        }
        await http.shutdown(deadline: .seconds(2))
    }

    /// How often uploads are looked at that nobody goes on with.
    private static let interval = Duration.seconds(600)

    /// Removes what the rules of buckets say goes by itself: every hour, or more often where a day is shorter. Ends by cancellation.
    private func expire() async {
        let pause = min(Duration.seconds(3600), store.lifecycleDay / 10)
        while (try? await environment.clock.sleep(for: pause)) != nil {  // Cancelled at the end.
            do {
                let count = try await store.expire(at: environment.wallClock.now)
                if count > 0 {
                    logger.info("objects went by the rules of their buckets", ["count": .init(count)])
                }
            } catch {
                logger.warning("objects that should go by rules stay for now", ["reason": .text("\(error)")])
            }
        }
    }

    /// Looks for bytes that are not what was stored, and tells of them. Ends by cancellation.
    private func scrub() async {
        let bytes = metrics.counter(
            "apollo_objects_scrubbed_bytes_total", "Bytes of objects that were held against their checksums.")
        let damaged = metrics.gauge(
            "apollo_objects_damaged", "Files and rows of objects that the last look found damaged.")
        while (try? await environment.clock.sleep(for: scrubInterval)) != nil {  // Cancelled at the end.
            do {
                let report = try await store.scrub()
                bytes.add(UInt64(report.bytes))
                damaged.set(Double(report.damages.count))
                for damage in report.damages {
                    logger.error("bytes of objects are damaged", ["damage": .text(damage)])
                }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("objects cannot be looked at for damage", ["reason": .text("\(error)")])
            }
        }
    }

    /// What a crash left is of no use to anybody, and neither are uploads that nobody goes on with. Ends by cancellation.
    private func collect() async {
        guard await store.collectOrphans(telling: logger) else { return }
        repeat {
            do {
                let count = try await store.abortUploads(
                    begunBefore: environment.wallClock.now.advanced(by: .zero - uploadAge))
                if count > 0 { logger.info("uploads in parts were given up", ["count": .init(count)]) }
            } catch {
                logger.debug("uploads in parts cannot be looked at", ["reason": .text("\(error)")])
            }
        } while (try? await environment.clock.sleep(for: Self.interval)) != nil  // Cancelled at the end.
    }
}

extension ObjectStore {
    /// Removes what a crash left of uploads, and tells of it; false where the task was cancelled.
    func collectOrphans(telling logger: Logger) async -> Bool {
        do {
            let count = try await collectOrphans()
            if count > 0 { logger.info("files of unfinished uploads were removed", ["count": .init(count)]) }
        } catch is CancellationError {
            return false
        } catch {
            logger.warning(
                "files of unfinished uploads stay until the next start", ["reason": .text("\(error)")])
        }
        return true
    }
}
