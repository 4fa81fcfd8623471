import Concurrency
import Core
import HTTPClients
import HTTPModel
import ObjectClients
import ObjectTransfers
import ScriptedServers
import Testing

/// What becomes of answers that are not what the store says of its objects.
@Suite struct TransfersTests {
    @Test("An object that is shorter than the store says is refused, and not asked for again for ever")
    func short() async throws {
        let server = ScriptedServer.serving { server, connection in
            while let request = connection.readRequest() {
                server.note(request.method)
                // Of ten bytes none comes.
                connection.respond(206, fields: ["ETag: \"t\"", "Content-Range: bytes 0-9/10"], "")
            }
        }
        let http = HTTPClient()
        let client = ObjectClient(
            endpoint: StoreEndpoint("http://127.0.0.1:\(server.port)"), proof: .anonymous, http: http,
            environment: .live)
        let transfers = Transfers(client, parallel: 1, journals: nil, environment: .live)
        let error = await #expect(throws: ApolloError.self) {
            try await transfers.read(ObjectPlace.Object(bucket: "b", key: "k")) { _ in }
        }
        #expect(error?.kind == .corrupt && error?.message.contains("shorter") ?? false)
        #expect(server.requests.count == 1)
        await http.close()
    }
}
