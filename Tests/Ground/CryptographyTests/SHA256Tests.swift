import Cryptography
import Testing

@Suite struct SHA256Tests {
    /// FIPS 180-4's examples, as NIST publishes them ("Cryptographic Standards and Guidelines, Example Values").
    static let vectors: [(String, String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test(arguments: vectors)
    func `the standard's examples come out`(_ text: String, _ expected: String) {
        #expect(SHA256.hash(text).hex == expected)
        #expect(SHA256.hash(Array(text.utf8)).hex == expected)
    }

    @Test func `a million letters, fed in pieces of every size`() {
        var hash = SHA256()
        var left = 1_000_000
        var size = 0
        while left > 0 {
            hash.update([UInt8](repeating: UInt8(ascii: "a"), count: min(size, left)))
            left -= min(size, left)
            size += 1
        }
        #expect(
            hash.finalize().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `a digest is read back from bytes and from digits, and from nothing else`() {
        let digest = SHA256.hash("abc")
        #expect(SHA256Digest(bytes: digest.bytes) == digest)
        #expect(SHA256Digest(hex: digest.hex) == digest)
        #expect(SHA256Digest(hex: digest.hex.uppercased()) == digest)
        #expect(SHA256Digest(bytes: Array(digest.bytes.dropLast())) == nil)
        #expect(SHA256Digest(hex: String(digest.hex.dropLast())) == nil)
        #expect(SHA256Digest(hex: String(digest.hex.dropLast()) + "g") == nil)
    }

    @Test func `digests are told apart wherever they differ`() {
        let digest = SHA256.hash("abc")
        #expect(digest.isEqualInConstantTime(to: digest))
        for index in 0..<32 {
            var bytes = digest.bytes
            bytes[index] ^= 1
            let other = SHA256Digest(bytes: bytes)
            #expect(other != digest)
            #expect(other.map(digest.isEqualInConstantTime) == false)
        }
    }
}
