import APIClients
import Concurrency
import Core
import HTTPClients
import IdentityClients
import IdentityMessages
import PlatformClients
import Terminal

extension Session {
    /// Runs `body` with a client of who there is and what they may.
    func withIdentity<Result: Sendable>(
        _ body: (IdentityClient) async throws -> Result
    ) async throws -> Result {
        try await withClient { try await body(IdentityClient($0.api)) }
    }

    /// The same for somebody who has no token yet.
    ///
    /// - Parameter authorities: whom to trust, other than the target's.
    func withAnonymous<Result: Sendable>(
        trusting authorities: String? = nil, _ body: (IdentityClient) async throws -> Result
    ) async throws -> Result {
        let http = HTTPClient(
            HTTPClientConfiguration(
                tls: HTTPClientTLS(authorityFile: authorities ?? target.authorities),
                maximumIdleConnections: 1))
        let api = APIClient(
            address: try target.address(), project: target.project, token: "none", http: http,
            pin: authorities == nil ? target.pin : nil)
        do {
            let result = try await body(IdentityClient(api))
            await http.close()
            return result
        } catch {
            await http.close()
            throw error
        }
    }

    /// Says the name of what was made or changed, or all of it as JSON.
    func say(_ name: String, _ value: some Encodable) throws {
        switch format {
        case .table: try output.write("\(name.printable)\n")
        case .json: try output.writeJSON(value)
        }
    }

    /// Makes a request safe to send again.
    static func key() -> String {
        let id: Identifier<Never> = Environment.live.identifier()
        return id.text
    }
}
