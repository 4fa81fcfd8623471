import Concurrency
import Core
import HTTPClients
import ImageClients
import ImageModel
import ScriptedServers
import Testing

@testable import ImageTransfers

/// Lists that registries give page by page.
struct ListTests {
    private func tags(_ server: ScriptedServer) async throws -> [String] {
        let client = RegistryClient(environment: .live)
        let place = RegistryPlace.address("http://127.0.0.1:\(server.port)", authorization: nil)
        let result: Result<[String], any Error>
        do {
            result = .success(
                try await ImageRegistry(place, by: client).tags(try RepositoryName(parsing: "app")))
        } catch { result = .failure(error) }
        await client.close()
        return try result.get()
    }

    @Test func `all pages are read, in order`() async throws {
        let server = ScriptedServer.serving { _, connection in
            while let request = connection.readRequest() {
                if request.target.contains("last=a") {
                    connection.respond(200, #"{"name": "app", "tags": ["b"]}"#)
                } else {
                    connection.respond(
                        200, fields: [#"Link: </v2/app/tags/list?n=1&last=a>; rel="next""#],
                        #"{"name": "app", "tags": ["a"]}"#)
                }
            }
        }
        #expect(try await tags(server) == ["a", "b"])
    }

    @Test func `whoever always names a next page is not asked for ever`() async throws {
        let server = ScriptedServer.serving { server, connection in
            while let request = connection.readRequest() {
                server.note(request.target)
                connection.respond(
                    200, fields: [#"Link: </v2/app/tags/list?n=1>; rel="next""#],
                    #"{"name": "app", "tags": ["a"]}"#)
            }
        }
        let error = await #expect(throws: ApolloError.self) { try await tags(server) }
        #expect(error?.kind == .exhausted)
        #expect(server.requests.count == ImageRegistry.mostPages)
    }
}
