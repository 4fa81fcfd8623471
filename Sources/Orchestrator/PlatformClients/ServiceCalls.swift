import APIClients
public import APIMessages
import HTTPModel

// Where the instances of jobs answer.
extension PlatformClient {
    public func services() async throws -> [ServiceSummary] {
        var all: [ServiceSummary] = []
        var cursor: String?
        repeat {
            let more = cursor.map { "&cursor=\(APIClient.escape($0))" } ?? ""
            let page: ServicePage = try await api.decode(api.call(.get, "/services?limit=500" + more))
            all += page.items
            cursor = page.nextCursor
        } while cursor != nil
        return all
    }

    public func service(_ name: String, project: String? = nil) async throws -> ServiceDetail {
        let path = "/services/\(APIClient.escape(name))"
        guard let project else { return try await api.decode(api.call(.get, path)) }
        return try await api.decode(
            api.unscoped.call(.get, path + "?project=\(APIClient.escape(project))"))
    }
}
