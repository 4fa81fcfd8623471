import APIClients
import AccessKeyMessages
import Concurrency
import Core
import HTTPClients
import HTTPModel
import ObjectClients
import PlatformClients

extension Session {
    /// Runs `body` with a client of the platform's object store, and lets go of it afterwards.
    func withObjects<Result: Sendable>(
        _ body: (ObjectClient) async throws -> Result
    ) async throws -> Result {
        let token = try target.token()
        let address = try await objectStore().address
        let http = HTTPClient(
            HTTPClientConfiguration(
                tls: HTTPClientTLS(authorityFile: target.authorities), maximumIdleConnections: 8))
        let client = ObjectClient(
            address: address, proof: .token(token, project: target.project),
            http: http, clock: LiveWallClock())
        do {
            let result = try await body(client)
            await http.close()
            return result
        } catch {
            await http.close()
            throw target.explaining(error)
        }
    }

    /// Where the platform's store answers, and its region.
    func objectStore() async throws -> (address: String, region: String) {
        try await withClient { client in
            let view: ObjectStoreView = try await client.api.decode(
                client.api.unscoped.call(.get, "/objects"))
            return (Self.objects(view, beside: client.api.address), view.region)
        }
    }

    /// The store's address: the host that the platform is reached by, with the store's port.
    private static func objects(_ view: ObjectStoreView, beside base: String) -> String {
        let scheme = base.hasPrefix("https://") ? "https" : "http"
        let authority = base.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" }
        // The last colon that is not within an IPv6 address.
        let colon = authority.lastIndex(of: ":").flatMap {
            authority[$0...].contains("]") ? nil : $0
        }
        return "\(scheme)://\(authority[..<(colon ?? authority.endIndex)]):\(view.port)"
    }
}
