import Concurrency
public import Core
import Cryptography
public import Identity
import IdentityDecisions
import Passwords
import Synchronization

/// What is remembered of who tries to log in; gone with the process.
struct LoginState: Sendable {
    /// A code that a browser can be logged in with, once.
    struct Code: Sendable {
        var principal: Principal
        var expires: MonotonicInstant
    }

    var throttle = LoginThrottle()
    var codes: [SHA256Digest: Code] = [:]
}

/// Why a login is refused.
public enum LoginRefusal: Error, Hashable, Sendable {
    /// No such user, the wrong password, or a user who has none or is disabled: which of them is not told.
    case wrong
    /// Tried too often: how long to wait.
    case tooOften(Duration)
    /// The one-time code is unknown, used or too old.
    case code

    public var asApolloError: ApolloError {
        switch self {
        case .wrong:
            ApolloError(
                .unauthenticated, "the user or the password is wrong",
                hint: "an administrator can set a new one with 'apollo user passwd'")
        case .tooOften(let wait):
            ApolloError(
                .exhausted, "too many failed logins",
                hint: "try again in \(Duration.seconds(wait.wholeSeconds).short)")
        case .code:
            ApolloError(
                .unauthenticated, "the login link was used already, or is too old",
                hint: "'apollo login --browser' makes a new one")
        }
    }
}

extension Accounts {
    private static let codeLife = Duration.seconds(60)
    private static let codesAtOnce = 100

    /// A token for whoever knows the password of `name`.
    ///
    /// - Throws: ``LoginRefusal``, or ``ApolloError`` where it cannot be decided.
    public func logIn(
        _ name: String, password: String, peer: String, note: String, age: Duration?
    ) async throws -> Issued {
        let principal = try await verify(name, password: password, peer: peer)
        let age = min(age ?? configuration.loginAge, configuration.loginAge)
        return try await open(principal, .login, note: note, age: age)
    }

    /// A browser's session for whoever knows the password of `name`.
    public func openSession(_ name: String, password: String, peer: String, browser: String) async throws
        -> Issued
    {
        let principal = try await verify(name, password: password, peer: peer)
        return try await open(principal, .session, note: browser, age: configuration.sessionAge)
    }

    /// A browser's session for whoever has the code of ``code(for:)``.
    public func openSession(code: String, peer: String, browser: String) async throws -> Issued {
        let now = environment.clock.now
        let address = Self.address(peer)
        // Guesses at codes count as guesses at passwords.
        let (wait, found): (Duration?, LoginState.Code?) = logins.withLock { state in
            if let wait = state.throttle.begin(account: "", peer: address, at: now) { return (wait, nil) }
            guard let code = state.codes.removeValue(forKey: SHA256.hash(code)), now < code.expires else {
                return (nil, nil)
            }
            state.throttle.succeed(account: "", peer: address)
            return (nil, code)
        }
        if let wait { throw LoginRefusal.tooOften(wait) }
        guard let found else { throw LoginRefusal.code }
        return try await open(found.principal, .session, note: browser, age: configuration.sessionAge)
    }

    /// A code that logs a browser in as the owner of `credential`, once, within a minute. A token of limited scope makes none:
    /// the browser's session would be worth more.
    public func code(for credential: Credential) throws -> String {
        guard !credential.scope.isLimited, credential.kind != .personal else {
            throw ApolloError(
                .denied,
                "this token cannot log a browser in: the session would be good for more, or for longer",
                hint: "log in with your password, or use the token file on the platform's own machine")
        }
        let code = Base64URL.encode(try SecureRandom.bytes(24))
        let now = environment.clock.now
        logins.withLock { state in
            state.codes = state.codes.filter { now < $0.value.expires }
            if state.codes.count >= Self.codesAtOnce,
                let oldest = state.codes.min(by: { $0.value.expires < $1.value.expires })
            {
                state.codes[oldest.key] = nil
            }
            state.codes[SHA256.hash(code)] = LoginState.Code(
                principal: credential.principal, expires: now.advanced(by: Self.codeLife))
        }
        return code
    }

    /// Holds `password` against that of `name`: as long for a user who is not there.
    public func verify(_ name: String, password: String, peer: String) async throws -> Principal {
        let address = Self.address(peer)
        let wait = logins.withLock {
            $0.throttle.begin(account: name, peer: address, at: environment.clock.now)
        }
        if let wait { throw LoginRefusal.tooOften(wait) }
        let user = read { $0.users[name] }
        let isRight = try await hasher.verify(password, user?.passwordHash)
        guard isRight, let user, let hash = user.passwordHash, !user.isDisabled else {
            throw LoginRefusal.wrong
        }
        logins.withLock { $0.throttle.succeed(account: name, peer: address) }
        if hasher.isOutdated(hash) {
            let harder = try await hasher.hash(password)
            try await change { $0.rehash(name, from: hash, to: harder) }
        }
        return user.principal
    }

    private func open(
        _ principal: Principal, _ kind: Credential.Kind, note: String, age: Duration
    ) async throws -> Issued {
        let issued = try issue(
            to: principal, kind, note: note, expires: environment.wallClock.now.advanced(by: age))
        return try await perform { (issued, try $0.open(issued.record)) }
    }

    /// The peer without its port.
    private static func address(_ peer: String) -> String {
        peer.lastIndex(of: ":").map { String(peer[..<$0]) } ?? peer
    }
}

extension Duration {
    /// Whole seconds, rounded up: what goes into `Retry-After`.
    public var wholeSeconds: Int { Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0) }
}
