import Core
import Testing

@testable import WebSockets

struct ConnectionTests {
    private func at(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
    }

    private func server() -> WebSocketConnection { WebSocketConnection(role: .server, now: at(0)) }

    @Test func `a quiet peer is asked, and gone when it does not answer`() {
        var connection = server()
        #expect(connection.deadline == at(15))
        #expect(connection.tick(at: at(14)) == nil)
        #expect(connection.tick(at: at(15)) == .send(WebSocketFrame(.ping, [])))
        #expect(connection.deadline == at(35))
        #expect(connection.tick(at: at(35)) == .end(.silent))
        #expect(connection.tick(at: at(99)) == nil)
    }

    @Test func `any byte is an answer`() {
        var connection = server()
        #expect(connection.tick(at: at(20)) != nil)
        connection.feed([0x81], at: at(30))
        #expect(connection.next() == nil)
        #expect(connection.deadline == at(45))
    }

    @Test func `one's own close is answered, or its time runs out`() {
        var connection = server()
        #expect(connection.close(WebSocketClose(.normal, "done"), at: at(1))?.opcode == .close)
        #expect(connection.close(WebSocketClose(.normal), at: at(2)) == nil)
        #expect(connection.frame(of: .text("late")) == nil)
        #expect(connection.deadline == at(6))
        var other = connection
        other.feed(frame(1, "ignored") + frame(9, "ignored") + frame(8, [0x03, 0xE8]), at: at(3))
        #expect(other.next() == .end(.closed(WebSocketClose(.normal))))
        #expect(other.next() == nil)
        #expect(connection.tick(at: at(6)) == .end(.unanswered))
    }

    @Test func `an end without a close frame is told from one with it`() {
        var broken = server()
        #expect(broken.disconnect() == .disconnected)
        var closed = server()
        closed.feed(frame(8, ""), at: at(1))
        #expect(closed.next() == .send(WebSocketFrame(.close, [])))
        // The peer closed the stream before the directive was fetched.
        #expect(closed.disconnect() == .closed(WebSocketClose()))
    }
}
