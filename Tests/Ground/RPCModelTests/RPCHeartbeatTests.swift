import Testing

@testable import RPCModel

@Suite("Heartbeats")
struct RPCHeartbeatTests {
    @Test(
        "are agreed on in milliseconds, within bounds",
        arguments: ["", "x", "-5", "49", "60001", "1e3", "999999999999"])
    func refused(text: String) { #expect(RPCHeartbeat(reading: text) == nil) }

    @Test("are the same at both ends, also those that are no whole milliseconds")
    func fractions() {
        let heartbeat = RPCHeartbeat(every: .seconds(1) / 3)
        #expect(RPCHeartbeat(reading: "\(heartbeat.milliseconds)") == heartbeat)
    }

    @Test("say how long a peer may be silent")
    func limit() {
        #expect(RPCHeartbeat(reading: "250")?.limit == .milliseconds(750))
        #expect(RPCHeartbeat(every: .seconds(2)).milliseconds == 2000)
    }
}
