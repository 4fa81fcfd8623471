import Core

@testable import WebSockets

/// A server's end that sends back what it gets, driven by hand.
struct EchoBench {
    enum Sent: Equatable, CustomStringConvertible {
        case text(String)
        case binary(Int)
        case pong(String)
        case close(UInt16?)

        var description: String {
            switch self {
            case .text(let text): "text '\(text.prefix(40))'"
            case .binary(let count): "\(count) bytes"
            case .pong(let text): "pong '\(text)'"
            case .close(let code): "close \(code.map { "\($0)" } ?? "")"
            }
        }
    }

    private var connection: WebSocketConnection
    private(set) var sent: [Sent] = []
    private(set) var ending: WebSocketEnding?
    private let now = MonotonicInstant(nanoseconds: 0)

    init(limit: Int = 1 << 20) {
        connection = WebSocketConnection(
            role: .server, limits: WebSocketLimits(messageBytes: limit), now: now)
    }

    mutating func feed(_ bytes: [UInt8]) {
        connection.feed(bytes, at: now)
        while let directive = connection.next() {
            switch directive {
            case .deliver(let message):
                if let frame = connection.frame(of: message) { note(frame) }
            case .send(let frame): note(frame)
            case .end(let how): ending = how
            }
        }
    }

    private mutating func note(_ frame: WebSocketFrame) {
        switch frame.opcode {
        case .text: sent.append(.text(String(decoding: frame.payload, as: UTF8.self)))
        case .binary: sent.append(.binary(frame.payload.count))
        case .pong: sent.append(.pong(String(decoding: frame.payload, as: UTF8.self)))
        case .close:
            sent.append(
                .close(
                    frame.payload.count > 1 ? UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1]) : nil))
        case .ping, .continuation: break
        }
    }
}

/// A frame as a client sends it, also one that it must not send.
func frame(
    _ opcode: UInt8, _ payload: [UInt8], final: Bool = true, reserved: UInt8 = 0, masked: Bool = true
) -> [UInt8] {
    let mask = WebSocketMask(key: 0x1234_5678)
    var bytes = WebSocketFrame(.binary, payload).bytes(mask: masked ? mask : nil)
    bytes[0] = (final ? 0x80 : 0) | reserved << 4 | opcode
    return bytes
}

func frame(_ opcode: UInt8, _ text: String, final: Bool = true, reserved: UInt8 = 0) -> [UInt8] {
    frame(opcode, Array(text.utf8), final: final, reserved: reserved)
}
