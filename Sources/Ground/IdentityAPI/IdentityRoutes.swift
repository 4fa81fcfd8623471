public import APIServers
public import AccountServices
public import AuditStorage
public import Core
public import HTTPRouting

/// The routes of who there is and what they may.
public struct IdentityRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("login", "Who asks."), ("users", "Who there is."), ("access", "What they may."),
        ("projects", "What owns things."), ("audit", "What was done."),
    ]

    let accounts: Accounts
    let browsers: BrowserSessions
    let audit: DatabaseAuditSink
    let environment: Environment
    /// What is in a project, in a few words such as `3 tasks`; nil for nothing.
    let contents: @Sendable (String) async throws -> String?

    public init(
        accounts: Accounts, browsers: BrowserSessions, audit: DatabaseAuditSink, environment: Environment,
        contents: @escaping @Sendable (String) async throws -> String?
    ) {
        self.accounts = accounts
        self.browsers = browsers
        self.audit = audit
        self.environment = environment
        self.contents = contents
    }

    public var routes: [Route<Caller>] {
        LoginRoutes(accounts: accounts).routes
            + BrowserRoutes(accounts: accounts, browsers: browsers, environment: environment).routes
            + UserRoutes(accounts: accounts, environment: environment).routes
            + RoleRoutes(accounts: accounts, environment: environment).routes
            + GrantRoutes(accounts: accounts, environment: environment).routes
            + TokenRoutes(accounts: accounts).routes
            + ProjectRoutes(accounts: accounts, environment: environment, contents: contents).routes
            + AuditRoutes(audit: audit).routes
    }
}
