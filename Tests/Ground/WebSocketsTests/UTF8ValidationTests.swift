import Testing

@testable import WebSockets

struct UTF8ValidationTests {
    private func accepts(_ bytes: [UInt8]) -> (prefix: Int, isComplete: Bool) {
        var validation = UTF8Validation()
        for (index, byte) in bytes.enumerated() {
            let isAccepted = withUnsafeBytes(of: byte) { validation.accept($0) }
            if !isAccepted { return (index, false) }
        }
        return (bytes.count, validation.isComplete)
    }

    @Test
    func
        `every sequence of two bytes, and every third and fourth that decides, is judged as the library judges it`()
    {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                for tail in [[], [0x80], [0xBF], [0x7F], [0xC0], [0x80, 0x80], [0xBF, 0xBF], [0x80, 0xC0]]
                    as [[UInt8]]
                {
                    let bytes = [first, second] + tail
                    let (prefix, isComplete) = accepts(bytes)
                    let isValid = String(validating: bytes, as: UTF8.self) != nil
                    if (prefix == bytes.count && isComplete) != isValid { Issue.record("\(bytes)") }
                }
            }
        }
    }

    @Test func `what cannot become a text is refused by its first wrong byte`() {
        #expect(accepts([0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xED, 0xA0]).prefix == 6)
        #expect(accepts([0xF4, 0x90]).prefix == 1)
        #expect(accepts([0xC0]).prefix == 0)
        #expect(accepts([0xE0, 0x80]).prefix == 1)
        #expect(accepts([0xF5]).prefix == 0)
    }

    @Test func `long texts are the same whole and in pieces`() {
        let text = Array(String(repeating: "plain text, ÄÖÜ, 漢字, 😀; ", count: 50).utf8)
        for cut in stride(from: 1, to: 40, by: 3) {
            var validation = UTF8Validation()
            for start in stride(from: 0, to: text.count, by: cut) {
                let piece = Array(text[start..<min(text.count, start + cut)])
                let isAccepted = piece.withUnsafeBytes { validation.accept($0) }
                #expect(isAccepted)
            }
            #expect(validation.isComplete)
        }
    }
}
