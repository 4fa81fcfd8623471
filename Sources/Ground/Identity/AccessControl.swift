public import Core
import Synchronization

/// Who asks, and what they may: the one place that all doors (HTTP, RPC, pages) go through, and that changes while they are open.
///
/// A question costs a lock that nobody holds for long, and a look-up; see ``Authorizer`` and ``TokenAuthenticator``.
public final class AccessControl: Sendable {
    private struct State {
        var authenticator: TokenAuthenticator
        var authorizer: Authorizer
    }

    private let state: Mutex<State>

    public init(_ authenticator: TokenAuthenticator, _ authorizer: Authorizer) {
        state = Mutex(State(authenticator: authenticator, authorizer: authorizer))
    }

    /// The principal of the token in `authorization`, at the time `now`.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated`. It never repeats what was sent.
    public func authenticate(authorization: String?, at now: Timestamp) throws(ApolloError) -> Principal {
        try state.withLock { state throws(ApolloError) in
            try state.authenticator.authenticate(authorization: authorization, at: now)
        }
    }

    /// Whether `principal` may do what needs `permission`.
    public func allows(_ principal: Principal, _ permission: Permission, on resource: ResourceURI) -> Bool {
        state.withLock { $0.authorizer.allows(principal, permission, on: resource) }
    }

    /// - Throws: ``ApolloError`` of kind `denied` naming all three, unless ``allows(_:_:on:)``.
    public func check(
        _ principal: Principal, _ permission: Permission, on resource: ResourceURI
    ) throws(ApolloError) {
        try state.withLock { state throws(ApolloError) in
            try state.authorizer.check(principal, permission, on: resource)
        }
    }
}
