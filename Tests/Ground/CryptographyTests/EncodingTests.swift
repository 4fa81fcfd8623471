import Cryptography
import Testing

@Suite struct EncodingTests {
    /// RFC 4648, section 10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base 64 is as the standard's examples`(_ text: String, _ encoded: String) {
        #expect(Base64URL.encode(Array(text.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(text.utf8))
    }

    @Test func `base 64 uses the letters that are safe in URLs`() {
        #expect(Base64URL.encode([0xfb, 0xff, 0xbf]) == "-_-_")
        #expect(Base64URL.decode("-_-_") == [0xfb, 0xff, 0xbf])
    }

    @Test(arguments: ["A", "Zg==", "Zg=", "Zh", "Zm9", "Zm 9v", "+/+/", "Zm9v\n", "Zé", "\0\0", "Zm9vY"])
    func `base 64 has one spelling only`(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `every byte survives both encodings`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
        #expect(Hex.encode([0, 0x7f, 0xff]) == "007fff")
        #expect(Hex.decode("7F") == [0x7f])
    }

    @Test(arguments: ["0", "0g", "g0", "00 ", " 0", "0x", "é", "\0\0"])
    func `base 16 refuses what is no digit`(_ text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test func `constant-time comparison compares`() {
        #expect(ConstantTime.areEqual([], []))
        #expect(ConstantTime.areEqual([1, 2], [1, 2]))
        #expect(!ConstantTime.areEqual([1, 2], [1, 3]))
        #expect(!ConstantTime.areEqual([1, 2], [1, 2, 3]))
        #expect(!ConstantTime.areEqual([], [0]))
    }

    @Test func `random bytes are as many as asked and not the same twice`() throws {
        for count in [0, 1, 32, 4097] { #expect(try SecureRandom.bytes(count).count == count) }
        #expect(try SecureRandom.bytes(32) != SecureRandom.bytes(32))
    }
}
