import HTTPModel
import Testing

@testable import HTTPServers

@Suite struct ExpectationTests {
    @Test func `who awaits 100 Continue for nothing is answered, and the connection ends`() async throws {
        try await withServer(handler: { _ in HTTPResponse(.ok, body: .bytes([0x6E])) }) { fixture in
            let client = try await fixture.connect()
            try await client.send(
                "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n")
            let response = try await client.response()
            #expect(response.status == 200 && response.fields["connection"] == "close")
            await client.close()
            let other = try await fixture.connect()
            try await other.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            #expect(try await other.response().fields["connection"] == nil)
            await other.close()
        }
    }
}
