public import APIClients
public import Core
import Documents
import HTTPModel
public import SecretMessages

/// The secrets of a platform's API: one method a call.
public struct SecretClient: Sendable {
    private let api: APIClient

    public init(_ api: APIClient) { self.api = api }

    public func set(_ name: String, _ secret: SecretBytes) async throws -> SecretRecord {
        let body = try JSONWriter.bytes(encoding: SecretContent(secret))
        return try await api.decode(api.call(.put, path(name), body: body))
    }

    public func value(_ name: String, version: Int64?) async throws -> (version: Int64, secret: SecretBytes) {
        let answer: SecretValue = try await api.decode(
            api.call(.get, path(name) + "/value" + query(version)))
        return (answer.version, try answer.value.secret())
    }

    public func record(_ name: String) async throws -> SecretRecord {
        try await api.decode(api.call(.get, path(name)))
    }

    /// Every secret, page by page.
    public func all() async throws -> [SecretRecord] {
        try await api.all("/secrets") { (page: SecretPage) in (page.items, page.nextCursor) }
    }

    public func remove(_ name: String, version: Int64?) async throws {
        _ = try await api.call(.delete, path(name) + query(version))
    }

    public func rotateKey() async throws -> KeyRotationReport {
        try await api.decode(api.unscoped.call(.post, "/secret-keys/rotate"))
    }

    private func path(_ name: String) -> String { "/secrets/\(APIClient.escape(name))" }

    private func query(_ version: Int64?) -> String { version.map { "?version=\($0)" } ?? "" }
}
