import APIServers
import AccountServices
import AuditStorage
import Configuration
import Core
import Databases
import HTTPRouting
import Identity
import IdentityAPI
import IdentityDecisions
import IdentityStorage
import Jobs
import ManagerPages
import Managers
import Passwords
import Secrets

/// Who there is and what they may, put together.
struct PlatformIdentity: Sendable {
    let accounts: Accounts
    private let environment: Environment

    /// - Parameter projects: those that hold something.
    init(
        _ configuration: ResolvedConfiguration, token: BearerToken, database: any Database,
        projects: Set<String>, environment: Environment
    ) async throws {
        let access = AccessControl(
            TokenAuthenticator([StoredToken(hash: token.hash, principal: .localAdministrator)]), .embedded)
        var limits = DirectoryCore.Limits()
        limits.tokenAge = configuration[PlatformSettings.tokenAge]
        accounts = Accounts(
            store: DirectoryStore(database), access: access, hasher: try PasswordHasher(),
            environment: environment, limits: limits,
            configuration: Accounts.Configuration(
                loginAge: configuration[PlatformSettings.loginAge],
                sessionAge: configuration[PlatformSettings.sessionAge],
                sessionIdle: configuration[PlatformSettings.sessionIdle]))
        self.environment = environment
        try await accounts.load(projects: projects)
    }

    func routes(
        _ browsers: BrowserSessions, _ audit: DatabaseAuditSink, _ manager: Manager, _ secrets: SecretStore,
        _ jobs: JobKeeper, _ objects: PlatformObjects, _ images: PlatformImages
    ) -> [Route<Caller>] {
        IdentityRoutes(accounts: accounts, browsers: browsers, audit: audit, environment: environment) {
            project in
            guard try await secrets.list(project, after: nil, limit: 1).isEmpty else { return "secrets" }
            guard jobs.list(project: project).isEmpty else { return "jobs" }
            guard !manager.hasVolumes(in: project) else { return "volumes" }
            if let buckets = objects.contents(of: project) { return buckets }
            if let repositories = try await images.contents(of: project) { return repositories }
            switch manager.list(project: project, after: nil, limit: 1000, where: { _ in true }).count {
            case 0: return nil
            case 1: return "a task"
            case let count where count < 1000: return "\(count) tasks"
            default: return "1000 tasks or more"
            }
        }.routes
    }

    func pages(_ manager: Manager, _ jobs: JobKeeper) -> PageRoutes {
        PageRoutes(manager: manager, jobs: jobs, environment: environment) { [accounts] _ in
            accounts.read { $0.projects.values.map(\.name) }
        }
    }
}
