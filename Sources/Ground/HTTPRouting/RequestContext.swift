/// Who asks, as the application knows it: made by its authentication for every request, handed to every handler.
public protocol RequestContext: Sendable {
    /// What routes can require.
    associatedtype Permission: Sendable

    /// Throws `ApolloError` of kind `denied` or, where the caller may not know of the thing, `not_found`.
    func require(_ permission: Permission) async throws
}

/// Who may use a route.
public enum Access<Context: RequestContext>: Sendable {
    /// Everybody. The context is still made, and may be that of nobody.
    case open
    /// Whoever is known. The handler asks for what more is needed.
    case authenticated
    /// Whoever has this permission.
    case permission(Context.Permission)
    /// Whoever has the permission that the request's parameters call for.
    case permissionFor(@Sendable (Call<Context>) throws -> Context.Permission)

    /// Whether a request needs no credentials.
    public var isOpen: Bool { if case .open = self { true } else { false } }
}
