import Concurrency
public import Core
import Cryptography
public import Identity
public import IdentityDecisions
public import IdentityStorage
public import Passwords
import Synchronization

/// Users, roles, grants, tokens and projects of a platform: gives commands to the core, stores what it says, and then tells
/// ``AccessControl``, so that what was acknowledged is both durable and in force.
///
/// One command after the other: the next is decided on what the one before has stored.
public final class Accounts: Sendable {
    public struct Configuration: Hashable, Sendable {
        /// How long a login is good for, unless a shorter time is asked for.
        public var loginAge: Duration
        /// How long a browser stays logged in, whatever it does.
        public var sessionAge: Duration
        /// How long a browser may be silent.
        public var sessionIdle: Duration

        public init(
            loginAge: Duration = .seconds(30 * 86400), sessionAge: Duration = .seconds(12 * 3600),
            sessionIdle: Duration = .seconds(3600)
        ) {
            self.loginAge = loginAge
            self.sessionAge = sessionAge
            self.sessionIdle = sessionIdle
        }
    }

    /// A secret that was just made, and what is kept of it.
    public struct Issued: Sendable {
        public var secret: BearerToken
        public var record: TokenRecord
    }

    let store: DirectoryStore
    public let access: AccessControl
    let hasher: PasswordHasher
    let environment: Environment
    public let configuration: Configuration
    private let core: Mutex<DirectoryCore>
    private let limits: DirectoryCore.Limits
    /// Held by the command that is being decided and stored.
    private let turn = Permits(1)
    let logins = Mutex(LoginState())

    public init(
        store: DirectoryStore, access: AccessControl, hasher: PasswordHasher, environment: Environment,
        limits: DirectoryCore.Limits = .init(), configuration: Configuration = Configuration()
    ) {
        self.store = store
        self.access = access
        self.hasher = hasher
        self.environment = environment
        self.configuration = configuration
        self.limits = limits
        core = Mutex(DirectoryCore(limits: limits))
        access.update { $0.authenticator.sessionIdle = configuration.sessionIdle }
    }

    /// Reads what is stored, and makes what is always there: the role of administrators and the project `default`, and
    /// projects of `found`, which hold something from before there was a list of them.
    public func load(projects found: Set<String>) async throws {
        let changes = try await store.load()
        var loaded = DirectoryCore(limits: limits)
        for change in changes { loaded.apply(change) }
        var missing: [DirectoryChange] = []
        let now = environment.wallClock.now
        for name in found.union([Project.standard]).sorted() where loaded.projects[name] == nil {
            missing.append(.putProject(Project(name: name, createdAt: now, createdBy: "apollo")))
        }
        if loaded.roles[.administrators] == nil {
            missing.append(.putRole(Role(name: .administrators, createdAt: now, createdBy: "apollo")))
            for scheme in ResourceURI.Scheme.allCases {
                missing.append(
                    .addGrant(
                        GrantRecord(
                            id: environment.identifier(),
                            grant: Grant(.role(.administrators), .manage, on: .localCluster(scheme)),
                            createdAt: now, createdBy: "apollo")))
            }
        }
        if !missing.isEmpty { try await store.commit(missing) }
        for change in missing { loaded.apply(change) }
        core.withLock { $0 = loaded }
        access.update { state in
            state.projects = []
            for change in changes + missing { state.apply(change) }
        }
    }

    /// What is known now.
    public func read<Value>(_ body: (DirectoryCore) throws -> Value) rethrows -> Value {
        try core.withLock { try body($0) }
    }

    /// Decides a command, stores what it means, and puts it in force; returns what `decide` does besides.
    ///
    /// - Throws: ``ApolloError``: the core's refusal, or why it could not be stored.
    @discardableResult
    public func perform<Value: Sendable>(
        _ decide: (DirectoryCore) throws -> (Value, [DirectoryChange])
    ) async throws -> Value {
        try await turn.withPermit {
            let (value, changes): (Value, [DirectoryChange])
            do {
                (value, changes) = try core.withLock { try decide($0) }
            } catch let refusal as DirectoryRefusal {
                throw refusal.asApolloError
            }
            guard !changes.isEmpty else { return value }
            do {
                try await store.commit(changes)
            } catch {
                try await recover(from: error)
                throw error
            }
            // The core first: who is told of a right can use it and ask of it.
            core.withLock { core in for change in changes { core.apply(change) } }
            access.update { state in for change in changes { state.apply(change) } }
            return value
        }
    }

    /// The same for commands that return nothing else.
    public func change(_ decide: (DirectoryCore) throws -> [DirectoryChange]) async throws {
        try await perform { ((), try decide($0)) }
    }

    /// Removes an empty project. Of this and of an addition to it at the same time, the one that came first counts.
    ///
    /// - Parameter contents: says what the project has, nil for nothing; asked while nothing can be added.
    public func removeProject(
        _ name: String, by credential: Credential, contents: (String) async throws -> String?
    ) async throws {
        try await removeProject(
            name, { try $0.removeProject(name, by: credential) }, contents: contents)
    }

    /// The same by a decision of the caller's.
    public func removeProject(
        _ name: String, _ decide: (DirectoryCore) throws -> [DirectoryChange],
        contents: (String) async throws -> String?
    ) async throws {
        // Who may not is told so, rather than what is in it.
        try wouldAllow(decide)
        try await access.removing(project: name) {
            if let what = try await contents(name) {
                throw ApolloError(
                    .conflict, "the project '\(name)' is not empty: it has \(what)", hint: "remove them first"
                )
            }
            try await change(decide)
        }
    }

    /// Refuses what the core would refuse now, and changes nothing.
    public func wouldAllow(_ decide: (DirectoryCore) throws -> [DirectoryChange]) throws {
        do {
            _ = try core.withLock { try decide($0) }
        } catch let refusal as DirectoryRefusal {
            throw refusal.asApolloError
        }
    }

    /// After a commit that failed only reading tells whether the changes are there: what is stored is in force.
    private func recover(from error: any Error) async throws {
        let stored: [DirectoryChange]
        do {
            stored = try await store.load()
        } catch {
            // Nothing can be read either: what was in force before stays so, and the first error is told.
            return
        }
        var loaded = DirectoryCore(limits: limits)
        for change in stored { loaded.apply(change) }
        let before = core.withLock { core in
            defer { core = loaded }
            return core
        }
        access.update { state in
            for token in before.tokens.values { state.authenticator.revoke(token.hash) }
            for user in before.users.values { state.authenticator.setDisabled(user.principal, false) }
            state.authorizer = .embedded
            state.projects = []
            for change in stored { state.apply(change) }
        }
    }

    /// Makes a secret, and what is kept of it.
    func issue(
        to principal: Principal, _ kind: Credential.Kind, note: String, scope: TokenScope = .everything,
        expires: Timestamp?, key: String? = nil
    ) throws -> Issued {
        let secret = try BearerToken.generate()
        return Issued(
            secret: secret,
            record: TokenRecord(
                id: environment.identifier(), hash: secret.hash, principal: principal, kind: kind, note: note,
                scope: scope, createdAt: environment.wallClock.now, expires: expires, requestKey: key))
    }
}
