import APIServers
import AccessKeys
import AuditStorage
import Authorities
import Concurrency
import Configuration
import Core
import Databases
import Glibc
import HTTPRouting
import KeyRings
import ObjectStorage
import Secrets
import Telemetry
import Workers

/// The secrets of the platform put together: their key, their store, and how tasks get them.
struct PlatformSecrets: Sendable {
    let keys: KeyRing
    let store: SecretStore
    /// Where workers get them from.
    let provider: SecretProvider
    private let directory: SecretDirectory
    /// The authority's keys are sealed like secrets.
    let authorities: AuthorityStore
    private let environment: Environment

    static let migrations = [KeyRing.migrations, SecretStore.migrations, AuthorityStore.migrations]
    private static let tables = [
        SecretStore.table, AuthorityStore.table, AccessKeyStore.table, ObjectKeys.table,
    ]
    static let tags = SecretRoutes.tags + JoinRoutes.tags

    /// - Parameter instance: tells the platforms of one machine apart.
    init(
        _ configuration: ResolvedConfiguration, variables: [String: String], data: DataDirectory,
        instance: String, database: any Database, environment: Environment, logger: Logger
    ) async throws {
        let source = try Self.source(configuration, variables, ownKey: data.secretsKey)
        keys = try await KeyRing.open(source, database, environment: environment)
        if let problem = keys.status.problem {
            logger.error(
                "secrets cannot be used until the platform starts with their key",
                [
                    "reason": .text(problem.message), "hint": .text(problem.hint ?? ""),
                ])
        }
        authorities = AuthorityStore(database, keys: keys, environment: environment)
        self.environment = environment
        store = SecretStore(
            database, keys: keys, clock: environment.wallClock,
            versionLimit: Int(configuration[PlatformSettings.secretsVersions]))
        provider = SecretProvider(store, audit: DatabaseAuditSink(database), environment: environment)
        directory = try Self.directory(variables, data, instance, logger)
    }

    /// How tasks on this machine, whose name is `node`, get theirs.
    func delivery(node: String) -> SecretDelivery {
        SecretDelivery(source: provider, directory: directory, node: node)
    }

    var routes: [Route<Caller>] {
        SecretRoutes(store, keys: keys, tables: Self.tables).routes
            + JoinRoutes(authorities, environment: environment).routes
    }

    var service: any Service { KeyRingService(keys: keys, tables: Self.tables) }

    /// Where the master key comes from; `ownKey` where nothing else is said.
    static func source(
        _ configuration: ResolvedConfiguration, _ variables: [String: String], ownKey: String
    ) throws -> MasterKeySource {
        switch (
            configuration[PlatformSettings.secretsKeyFile], configuration[PlatformSettings.secretsKeyCommand]
        ) {
        case (_?, _?):
            throw ApolloError(
                .invalid, "secrets.key.file and secrets.key.command exclude each other",
                hint: "set one of them")
        case (let path?, nil): return .file(path: path)
        case (nil, let command?): return .command(command)
        case (nil, nil):
            if let directory = variables["CREDENTIALS_DIRECTORY"], directory.hasPrefix("/") {
                let path = "\(directory)/apollo.secrets.key"
                if access(path, F_OK) == 0 { return .file(path: path) }
            }
            return .own(path: ownKey)
        }
    }

    /// The first place in memory; else one on the disk, which is said.
    static func directory(
        _ variables: [String: String], _ data: DataDirectory, _ instance: String, _ logger: Logger
    ) throws -> SecretDirectory {
        var places: [String] = []
        if geteuid() == 0 { places.append("/run/apollo-secrets-\(instance)") }
        if let runtime = variables["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            places.append("\(runtime)/apollo-secrets-\(instance)")
        }
        places.append("/dev/shm/apollo-secrets-\(instance)")
        for place in places {
            let directory = SecretDirectory(path: place)
            do {
                if try directory.prepare() { return directory }
            } catch {
                logger.debug("secrets of tasks cannot be kept there", ["reason": .text(error.message)])
            }
        }
        let directory = SecretDirectory(path: data.path + "/secrets")
        _ = try directory.prepare()
        logger.warning(
            "secrets of running tasks are on the disk: no directory in memory can be used",
            ["directory": .text(directory.path)])
        return directory
    }
}

/// Completes a rotation of keys that was interrupted.
struct KeyRingService: Service {
    let name = "keys"
    let keys: KeyRing
    let tables: [SealedTable]

    func run(_ context: ServiceContext) async throws {
        context.markReady()
        // What fails now is tried again by the next rotation, or the next start; all can be read meanwhile.
        if keys.status.count > 1 { _ = try? await keys.finishRotation(tables) }
        try await context.waitForDrain()
    }
}
