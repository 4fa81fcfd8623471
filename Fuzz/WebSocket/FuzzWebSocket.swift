import WebSockets

/// Feeds bytes to the reader of WebSocket frames (https://llvm.org/docs/LibFuzzer.html). Whatever they are and however they are cut,
/// the same is understood; nothing is larger than it may be, and what is understood means the same when it is sent again.
///
/// The first byte chooses who sends, the limit, and how the rest is cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWebSocket(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    let peer: WebSocketRole = choice & 1 == 0 ? .client : .server
    let limits = WebSocketLimits(messageBytes: choice & 2 == 0 ? 1 << 20 : 64)
    let whole = Understanding(of: bytes, from: peer, limits) { _ in bytes.count }
    let single = Understanding(of: bytes, from: peer, limits) { _ in 1 }
    let mixed = Understanding(of: bytes, from: peer, limits) { 1 + ($0 &* 7 &+ Int(choice)) % 23 }
    precondition(whole == single, "byte by byte:\n\(single)\nwhole:\n\(whole)")
    precondition(whole == mixed, "in pieces:\n\(mixed)\nwhole:\n\(whole)")
    whole.check(limits)
    return 0
}

private struct Understanding: Equatable {
    private var events: [WebSocketEvent] = []
    private var violation: WebSocketViolation?

    init(of bytes: [UInt8], from peer: WebSocketRole, _ limits: WebSocketLimits, piece: (Int) -> Int) {
        var decoder = WebSocketDecoder(peer: peer, limits: limits)
        var start = 0
        var turn = 0
        do throws(WebSocketViolation) {
            while start < bytes.count {
                let end = min(bytes.count, start + piece(turn))
                decoder.feed(Array(bytes[start..<end]))
                start = end
                turn += 1
                while let event = try decoder.next() { events.append(event) }
            }
        } catch {
            precondition(error.code.isSendable && !error.reason.isEmpty)
            violation = error
        }
    }

    func check(_ limits: WebSocketLimits) {
        for (index, event) in events.enumerated() {
            let frame: WebSocketFrame
            switch event {
            case .message(.text(let text)): frame = WebSocketFrame(.text, Array(text.utf8))
            case .message(.binary(let bytes)): frame = WebSocketFrame(.binary, bytes)
            case .ping(let payload): frame = WebSocketFrame(.ping, payload)
            case .pong(let payload): frame = WebSocketFrame(.pong, payload)
            case .close(let close):
                precondition(index == events.count - 1 && violation == nil, "something follows a close frame")
                precondition(close.code?.isSendable ?? close.reason.isEmpty)
                continue
            }
            precondition(
                frame.payload.count
                    <= (frame.opcode.isControl ? WebSocketFrame.controlBytes : limits.messageBytes))
            var decoder = WebSocketDecoder(peer: .client, limits: limits)
            decoder.feed(frame.bytes(mask: WebSocketMask(key: 0xA1B2_C3D4 &+ UInt32(index))))
            do throws(WebSocketViolation) {
                let again = try decoder.next()
                precondition(again == event, "sent and read again as something else: \(event)")
            } catch {
                preconditionFailure("what was taken is refused when it is sent again: \(error)")
            }
        }
    }
}
