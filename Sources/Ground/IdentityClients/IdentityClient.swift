public import APIClients
import Documents
import HTTPModel
public import IdentityMessages

/// Users, roles, grants, tokens, projects and the audit, through a platform's API: one method a call.
public struct IdentityClient: Sendable {
    /// Of the project that is asked about, where one is.
    private let scoped: APIClient
    private let api: APIClient

    public init(_ api: APIClient) {
        scoped = api
        self.api = api.unscoped
    }

    // MARK: Login

    public func logIn(_ request: LoginRequest) async throws -> TokenView { try await post("/login", request) }

    public func loginLink() async throws -> BrowserCode {
        try await api.decode(api.call(.post, "/login/browser"))
    }

    public func logOut() async throws { _ = try await api.call(.post, "/logout") }

    public func whoAmI() async throws -> WhoAmI { try await api.decode(scoped.call(.get, "/whoami")) }

    // MARK: Users

    public func createUser(_ request: UserRequest, key: String) async throws -> UserView {
        try await post("/users", request, key: key)
    }

    public func users() async throws -> [UserView] { try await all("/users") }

    public func setPassword(_ user: String, _ request: PasswordRequest) async throws {
        let body = try JSONWriter.bytes(encoding: request)
        _ = try await api.call(.put, "/users/\(Self.escape(user))/password", body: body)
    }

    public func setDisabled(_ user: String, _ isDisabled: Bool) async throws -> UserView {
        let verb = isDisabled ? "disable" : "enable"
        return try await api.decode(
            api.call(.post, "/users/\(Self.escape(user))/\(verb)", isIdempotent: true))
    }

    public func removeUser(_ user: String) async throws {
        _ = try await api.call(.delete, "/users/\(Self.escape(user))")
    }

    // MARK: Roles and grants

    public func createRole(_ name: String, key: String) async throws -> RoleView {
        try await post("/roles", NameRequest(name: name), key: key)
    }

    public func roles() async throws -> [RoleView] { try await all("/roles") }

    public func role(_ name: String) async throws -> RoleView {
        try await api.decode(api.call(.get, "/roles/\(Self.escape(name))"))
    }

    public func removeRole(_ name: String) async throws {
        _ = try await api.call(.delete, "/roles/\(Self.escape(name))")
    }

    public func setMember(_ role: String, _ user: String, isMember: Bool) async throws {
        _ = try await api.call(
            isMember ? .put : .delete, "/roles/\(Self.escape(role))/members/\(Self.escape(user))")
    }

    public func addGrant(_ request: GrantRequest) async throws -> GrantView {
        try await post("/grants", request)
    }

    public func grants(user: String?, role: String?, resource: String?) async throws -> [GrantView] {
        try await all("/grants", ["user": user, "role": role, "resource": resource])
    }

    public func removeGrant(_ id: String) async throws {
        _ = try await api.call(.delete, "/grants/\(Self.escape(id))")
    }

    // MARK: Tokens and projects

    public func createToken(_ request: TokenRequest, key: String) async throws -> TokenView {
        try await post("/tokens", request, key: key)
    }

    public func tokens(user: String?) async throws -> [TokenView] {
        try await all("/tokens", ["user": user])
    }

    public func revokeToken(_ id: String) async throws {
        _ = try await api.call(.delete, "/tokens/\(Self.escape(id))")
    }

    public func createProject(_ name: String, key: String) async throws -> ProjectView {
        try await post("/projects", NameRequest(name: name), key: key)
    }

    public func projects() async throws -> [ProjectView] { try await all("/projects") }

    public func project(_ name: String) async throws -> ProjectView {
        try await api.decode(api.call(.get, "/projects/\(Self.escape(name))"))
    }

    public func removeProject(_ name: String) async throws {
        _ = try await api.call(.delete, "/projects/\(Self.escape(name))")
    }

    // MARK: Audit

    /// One page, newest first.
    public func audit(
        _ filter: [String: String?], limit: Int, cursor: String? = nil
    ) async throws -> ListPage<AuditView> {
        try await page("/audit", filter, limit: limit, cursor: cursor)
    }

    // MARK: Parts

    private func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, key: String? = nil
    ) async throws -> Answer {
        try await api.decode(api.call(.post, path, body: JSONWriter.bytes(encoding: body), key: key))
    }

    private func all<Item: Codable & Sendable>(
        _ path: String, _ filter: [String: String?] = [:]
    ) async throws -> [Item] {
        try await api.all(path + Self.query(filter), limit: 500) { (page: ListPage<Item>) in
            (page.items, page.nextCursor)
        }
    }

    private func page<Item: Codable & Sendable>(
        _ path: String, _ filter: [String: String?], limit: Int, cursor: String?
    ) async throws -> ListPage<Item> {
        var all = filter
        all["limit"] = "\(limit)"
        all["cursor"] = cursor
        return try await api.decode(api.call(.get, path + Self.query(all)))
    }

    /// `?name=value&…`; empty without values.
    private static func query(_ values: [String: String?]) -> String {
        let parts = values.sorted { $0.key < $1.key }.compactMap { name, value in
            value.map { "\(name)=\(APIClient.escape($0))" }
        }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    private static func escape(_ text: String) -> String { APIClient.escape(text) }
}
