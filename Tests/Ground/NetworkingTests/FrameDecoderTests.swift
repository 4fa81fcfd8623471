import Networking
import Testing

struct FrameDecoderTests {
    @Test func `messages come whole however the bytes are cut`() throws {
        let messages: [[UInt8]] = [[1, 2, 3], [], Array(0..<200), [9]]
        let bytes = messages.flatMap { FrameDecoder.encode($0) }
        for size in 1...bytes.count {
            var decoder = FrameDecoder(limit: 200)
            var received: [[UInt8]] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                decoder.append(Array(bytes[start..<min(bytes.count, start + size)]))
                while let message = try decoder.next() { received.append(message) }
            }
            #expect(received == messages)
            #expect(decoder.pending == 0)
        }
    }

    @Test func `a length above the limit is refused before its bytes come`() {
        var decoder = FrameDecoder(limit: 1000)
        decoder.append([0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: FrameDecoder.Failure.tooLong(4_294_967_295, limit: 1000)) {
            try Self.next(&decoder)
        }
    }

    @Test func `random bytes never crash and never give a message above the limit`() {
        var state: UInt64 = 1
        for _ in 0..<500 {
            var decoder = FrameDecoder(limit: 64)
            for _ in 0..<20 {
                let bytes = (0..<17).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return (state >> 60) < 11 ? 0 : UInt8(truncatingIfNeeded: state >> 56)
                }
                decoder.append(bytes)
                while let message = try? Self.next(&decoder) { #expect(message.count <= 64) }
            }
        }
    }

    private static func next(_ decoder: inout FrameDecoder) throws -> [UInt8]? { try decoder.next() }
}

struct NetworkAddressTests {
    @Test(arguments: ["example.org:7070", "127.0.0.1:0", "[::1]:65535", "a:1"])
    func `an address is read and written alike`(text: String) {
        #expect(NetworkAddress(parsing: text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "a", "a:", ":1", "a:65536", "a:-1", "a:+1", "a: 1", "::1:80", "[]:1", "[a]:1", "a b:1",
        "a:1x",
        "a:000001", "[::1:80", "ü:1",
    ])
    func `what is no address is refused`(text: String) {
        #expect(NetworkAddress(parsing: text) == nil)
    }
}
