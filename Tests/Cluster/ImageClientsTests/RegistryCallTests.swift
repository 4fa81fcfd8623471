import Concurrency
import Core
import HTTPClients
import HTTPModel
import ImageModel
import ScriptedServers
import Synchronization
import Testing

@testable import ImageClients

/// What is sent to registries, and what becomes of what they answer.
struct RegistryCallTests {
    private let client = RegistryClient(environment: .live)
    private let repository: RepositoryName

    init() throws { repository = try RepositoryName(parsing: "team/app") }

    /// Answers with each of `answers` in turn, and with the last from then on; notes what was asked, and by whom.
    private func server(_ answers: [(status: Int, fields: [String], body: String)]) -> ScriptedServer {
        let count = Mutex(0)
        return ScriptedServer.serving { server, connection in
            while let request = connection.readRequest() {
                server.note("\(request.method) \(request.target) \(request.fields["authorization"] ?? "-")")
                let number = count.withLock { count in
                    defer { count += 1 }
                    return min(count, answers.count - 1)
                }
                connection.respond(
                    answers[number].status, fields: answers[number].fields, answers[number].body)
            }
        }
    }

    private func failure(_ code: String, _ message: String) -> String {
        #"{"errors": [{"code": "\#(code)", "message": "\#(message)"}]}"#
    }

    private func get(_ registry: RegistryPlace, by client: RegistryClient) async throws -> HTTPStatus {
        try await client.send(
            RegistryRequest(.get, registry, repository, "manifests/1", about: "image 'team/app:1'")
        ).status
    }

    @Test func `a fixed proof is sent at once, and one that is not believed is told in the registry's words`()
        async throws
    {
        let server = server([(200, [], "{}"), (401, [], failure("UNAUTHORIZED", "the token has ended"))])
        let place = RegistryPlace.address("http://127.0.0.1:\(server.port)", authorization: "Bearer own")
        #expect(try await get(place, by: client) == .ok)
        await #expect(throws: RegistryClientError.unauthenticated("image 'team/app:1': the token has ended"))
        {
            _ = try await get(place, by: client)
        }
        #expect(
            server.requests == Array(repeating: "GET /v2/team/app/manifests/1 Bearer own", count: 2))
        await client.close()
    }

    @Test func `a name and a password are sent once they are asked for, and then at once`() async throws {
        let server = server([(401, [#"WWW-Authenticate: Basic realm="x""#], ""), (200, [], "{}")])
        let host = try #require(RegistryHost(parsing: "127.0.0.1:\(server.port)"))
        var configuration = RegistryClient.Configuration()
        let credentials = try #require(
            RegistryCredentials(
                parsing: Array(#"{"auths": {"\#(host)": {"username": "a", "password": "b"}}}"#.utf8)))
        configuration.credentials = { credentials }
        let client = RegistryClient(configuration, environment: .live)
        for _ in 0..<2 { #expect(try await get(.host(host), by: client) == .ok) }
        let asked = "GET /v2/team/app/manifests/1"
        #expect(server.requests == ["\(asked) -", "\(asked) Basic YTpi", "\(asked) Basic YTpi"])
        await client.close()
    }

    @Test(arguments: [
        (404, RegistryClientError.notFound("image 'team/app:1': it is so")),
        (403, .denied("image 'team/app:1': it is so")), (400, .refused("image 'team/app:1': it is so")),
        (416, .conflict("image 'team/app:1': it is so")), (507, .exhausted("image 'team/app:1': it is so")),
    ])
    func `a status says what kind of failure it is`(_ status: Int, _ expected: RegistryClientError)
        async throws
    {
        let server = server([(status, [], failure("X", "it is so"))])
        let host = try #require(RegistryHost(parsing: "127.0.0.1:\(server.port)"))
        await #expect(throws: expected) { _ = try await get(.host(host), by: client) }
        await client.close()
    }

    @Test func `where a registry says nothing its status is told`() async throws {
        let server = server([(404, [], "<html>")])
        let host = try #require(RegistryHost(parsing: "127.0.0.1:\(server.port)"))
        await #expect(
            throws: RegistryClientError.notFound("image 'team/app:1': \(host) answered 404 Not Found")
        ) {
            _ = try await get(.host(host), by: client)
        }
        await client.close()
    }

    @Test func `only what may work at once is tried again at once`() {
        #expect(RegistryClientError.unavailable("x").isTransient)
        #expect(RegistryClientError.of(.disconnected(from: "a", reason: "b")).isTransient)
        #expect(!RegistryClientError.of(.cancelled).isTransient)
        #expect(!RegistryClientError.exhausted("x").isTransient)
        #expect(!RegistryClientError.of(.malformedResponse(from: "a", reason: "b")).isTransient)
    }
}
