import APIClients
public import APIMessages
import HTTPModel

// Where the instances of jobs answer.
extension PlatformClient {
    public func services() async throws -> [ServiceSummary] {
        try await api.all("/services", limit: 500) { (page: ServicePage) in (page.items, page.nextCursor) }
    }

    public func service(_ name: String, project: String? = nil) async throws -> ServiceDetail {
        let path = "/services/\(APIClient.escape(name))"
        guard let project else { return try await api.decode(api.call(.get, path)) }
        return try await api.decode(
            api.unscoped.call(.get, path + "?project=\(APIClient.escape(project))"))
    }
}
