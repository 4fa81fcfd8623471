import Testing

@testable import WebSockets

/// RFC 6455, section 5.7, has these frames.
struct FrameTests {
    private static let mask = WebSocketMask(key: 0x3D21_FA37)

    private func decode(_ bytes: [UInt8], from peer: WebSocketRole) throws -> [WebSocketEvent] {
        var decoder = WebSocketDecoder(peer: peer)
        decoder.feed(bytes)
        var events: [WebSocketEvent] = []
        while let event = try decoder.next() { events.append(event) }
        return events
    }

    @Test func `a text is written and read, masked and not`() throws {
        let plain: [UInt8] = [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        let frame = WebSocketFrame(.text, Array("Hello".utf8))
        #expect(frame.bytes() == plain)
        #expect(frame.bytes(mask: Self.mask) == masked)
        #expect(try decode(plain, from: .server) == [.message(.text("Hello"))])
        #expect(try decode(masked, from: .client) == [.message(.text("Hello"))])
    }

    @Test func `a text in two frames is one message`() throws {
        let bytes: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        #expect(try decode(bytes, from: .server) == [.message(.text("Hello"))])
    }

    @Test func `pings and pongs carry what they were given`() throws {
        #expect(
            try decode([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], from: .server) == [
                .ping(Array("Hello".utf8))
            ])
        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(try decode(pong, from: .client) == [.pong(Array("Hello".utf8))])
    }

    @Test func `256 bytes have a length of two bytes, 64 KiB one of eight`() throws {
        let short = WebSocketFrame(.binary, [UInt8](repeating: 7, count: 256))
        #expect(Array(short.bytes().prefix(4)) == [0x82, 0x7E, 0x01, 0x00])
        let long = WebSocketFrame(.binary, [UInt8](repeating: 7, count: 65536))
        #expect(Array(long.bytes().prefix(10)) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0])
        for frame in [short, long] {
            #expect(
                try decode(frame.bytes(mask: Self.mask), from: .client) == [.message(.binary(frame.payload))])
        }
    }

    @Test func `masking eight bytes at a time is masking byte by byte, from wherever it begins`() {
        let bytes = (0..<61).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        for offset in 0..<9 {
            for start in 0..<9 {
                var masked = bytes
                masked.withUnsafeMutableBytes {
                    Self.mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: $0[start...]), offset: offset)
                }
                for index in start..<bytes.count {
                    let shift = UInt32((offset + index - start) & 3) * 8
                    let expected = bytes[index] ^ UInt8(truncatingIfNeeded: Self.mask.key >> shift)
                    #expect(masked[index] == expected)
                }
            }
        }
    }

    @Test func `a reason that is too long is cut at a character`() {
        let payload = WebSocketClose(.normal, String(repeating: "ü", count: 100)).payload
        #expect(payload.count == 2 + 122)
        #expect(String(validating: payload[2...], as: UTF8.self) == String(repeating: "ü", count: 61))
    }
}
