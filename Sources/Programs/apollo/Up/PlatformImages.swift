import APIServers
import AccountServices
import Concurrency
import Configuration
import Core
import HTTPRouting
import Identity
import ImageServices
import ImageStorage
import ObjectStorage
import Telemetry

/// The image registry put together: where its images are kept, and who may what. It answers at the API's door, under `/v2`.
struct PlatformImages: Sendable {
    /// Nil where the registry is switched off.
    let store: ImageStore?
    private let open: Set<String>
    private let accounts: Accounts
    private let objects: PlatformObjects
    private let environment: Environment

    static let tags = ImageRoutes.tags
    var routes: [Route<Caller>] { ImageRoutes(store, access: accounts.access).routes }

    static func isEnabled(_ configuration: ResolvedConfiguration) -> Bool {
        configuration[PlatformSettings.imagesEnabled] ?? configuration[PlatformSettings.objectsEnabled]
    }

    init(
        _ configuration: ResolvedConfiguration, _ objects: PlatformObjects, _ accounts: Accounts,
        environment: Environment
    ) throws {
        self.objects = objects
        self.accounts = accounts
        self.environment = environment
        let names = configuration[PlatformSettings.imagesAnonymous] ?? ""
        open = Set(names.split(separator: ",").map { String($0.filter { $0 != " " }) })
        guard Self.isEnabled(configuration), let files = objects.store else {
            store = nil
            return
        }
        let settings = ImageStore.Configuration(
            grace: try Self.atLeastAMinute(configuration, PlatformSettings.imagesGrace),
            uploadAge: try Self.atLeastAMinute(configuration, PlatformSettings.imagesUploads),
            quota: configuration[PlatformSettings.imagesQuota]?.bytes)
        store = ImageStore(files, environment: environment, configuration: settings)
    }

    private static func atLeastAMinute(
        _ configuration: ResolvedConfiguration, _ setting: Setting<Duration>
    ) throws(ApolloError) -> Duration {
        let age = configuration[setting]
        guard age >= .seconds(60) else {
            throw ApolloError(
                .invalid, "\(setting.declaration.key) is \(age.short), and has to be a minute at least",
                hint: "leave it out for a day")
        }
        return age
    }

    /// - Parameter isSecure: whether clients come by TLS.
    func server(_ sinks: ServerSinks, isSecure: Bool) -> ImageServer? {
        store.map { store in
            ImageServer(
                store, access: accounts.access, open: open, isSecure: isSecure, environment: environment,
                sinks: sinks
            ) { [accounts] in try await accounts.verify($0, password: $1, peer: $2) }
        }
    }

    /// What of a project's is in the registry, in words; nil for nothing.
    func contents(of project: String) async throws -> String? {
        guard let count = try await store?.repositoryCount(in: project), count > 0 else { return nil }
        return count == 1 ? "an image repository" : "\(count) image repositories"
    }

    func service(_ logger: Logger) -> ImageService? {
        store.map {
            ImageService(
                store: $0, objects: objects.isServed ? nil : objects.store, environment: environment,
                logger: logger)
        }
    }
}

/// Collects what images nobody has any more, as long as this manager leads.
struct ImageService: Service {
    let name = "images"
    let store: ImageStore
    /// Where orphans are to be looked for, too; nil where somebody else does.
    let objects: ObjectStore?
    let environment: Environment
    let logger: Logger

    private static let interval = Duration.seconds(3600)

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await collect() }
            context.markReady()
            try await context.waitForDrain()
            group.cancelAll()
        }
    }

    /// Ends by cancellation.
    private func collect() async {
        guard await objects?.collectOrphans(telling: logger) ?? true else { return }
        repeat {
            do {
                let collected = try await store.collect()
                guard !collected.isEmpty else { continue }
                logger.info(
                    "layers that no image uses were removed",
                    [
                        "blobs": .init(collected.blobs), "bytes": .init(Int(collected.bytes)),
                        "uploads": .init(collected.uploads),
                    ])
            } catch {
                logger.debug("images cannot be looked at", ["reason": .text("\(error)")])
            }
        } while (try? await environment.clock.sleep(for: Self.interval)) != nil  // Cancelled at the end.
    }
}
