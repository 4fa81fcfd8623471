import Core
import NATSBuses
import Testing

@Suite("Where a NATS server is")
struct NATSLocationTests {
    @Test(
        "addresses are read",
        arguments: [
            ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"), ("nats://localhost", "nats://localhost:4222"),
            ("tls://nats.example", "tls://nats.example:4222"),
            ("tls://[fd00::1]:5222/", "tls://[fd00::1]:5222"),
            ("nats://[::1]", "nats://[::1]:4222"),
            ("tls://a.example:1,tls://b.example:2", "tls://a.example:1,tls://b.example:2"),
        ])
    func read(_ text: String, _ expected: String) throws {
        #expect(try NATSLocation(parsing: text).description == expected)
    }

    @Test(
        "what is none is refused with what to write",
        arguments: [
            "", "localhost", "http://localhost", "nats://", "nats://localhost:0", "nats://localhost:65536",
            "nats://localhost:x", "nats://a b", "nats://localhost,", "tls://[::1", "nats://localhost/x",
        ])
    func refused(_ text: String) {
        let error = #expect(throws: ApolloError.self) { try NATSLocation(parsing: text) }
        #expect(error?.kind == .invalid)
        #expect(error?.hint?.isEmpty == false)
    }

    @Test("beyond this machine there is TLS, and no password stands in an address")
    func secure() {
        let plain = #expect(throws: ApolloError.self) { try NATSLocation(parsing: "nats://nats.example") }
        #expect(plain?.message == "NATS at nats.example would be spoken to without TLS")
        let named = #expect(throws: ApolloError.self) {
            try NATSLocation(parsing: "tls://u:hunter2@nats.example")
        }
        #expect(named?.hint?.contains("bus.token.file") == true)
        #expect(named?.message.contains("hunter2") == false)
    }
}
