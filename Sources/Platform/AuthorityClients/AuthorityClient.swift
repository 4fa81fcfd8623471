public import APIClients
public import AuthorityMessages
import Core
import Documents
import HTTPModel

/// The authorities of a platform's API, and joining it: one method a call.
public struct AuthorityClient: Sendable {
    private let api: APIClient

    public init(_ api: APIClient) { self.api = api }

    public func authorities() async throws -> TrustBundle { try await api.decode(api.call(.get, "/ca")) }

    public func rotate() async throws -> TrustBundle { try await api.decode(api.call(.post, "/ca/rotate")) }

    public func certificates() async throws -> [IssuedCertificate] {
        let all: IssuedCertificates = try await api.decode(api.call(.get, "/certificates"))
        return all.items
    }

    public func revoke(_ serial: String) async throws {
        _ = try await api.call(.delete, "/certificates/\(APIClient.escape(serial))")
    }

    public func makeToken(_ request: JoinTokenRequest) async throws -> JoinTokenRecord {
        try await api.decode(api.call(.post, "/join-tokens", body: JSONWriter.bytes(encoding: request)))
    }

    public func tokens() async throws -> [JoinTokenRecord] {
        let all: JoinTokenRecords = try await api.decode(api.call(.get, "/join-tokens"))
        return all.items
    }

    public func removeToken(_ id: String) async throws {
        _ = try await api.call(.delete, "/join-tokens/\(APIClient.escape(id))")
    }

    public func join(_ request: JoinRequest) async throws -> JoinAnswer {
        try await api.decode(api.call(.post, "/join", body: JSONWriter.bytes(encoding: request)))
    }

    public func renew(_ request: RenewRequest) async throws -> JoinAnswer {
        try await api.decode(api.call(.post, "/renew", body: JSONWriter.bytes(encoding: request)))
    }
}
