import Testing

@testable import Cryptography

@Suite struct AESGCMTests {
    struct Vector: Sendable {
        let key, nonce, message, context, hidden, tag: String
    }

    /// Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", which SP 800-38D refers to.
    static let vectors = [
        Vector(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12), message: "",
            context: "", hidden: "", tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        Vector(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12),
            message: String(repeating: "00", count: 16), context: "",
            hidden: "cea7403d4d606b6e074ec5d3baf39d18", tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        Vector(
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            message: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
            context: "",
            hidden: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
            tag: "b094dac5d93471bdec1a502270e3cc6c"),
        Vector(
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            message: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            context: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            hidden: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]

    @Test(arguments: vectors)
    func `the published examples come out`(_ vector: Vector) throws {
        let cipher = try AESGCM(key: #require(Hex.decode(vector.key)))
        let message = try #require(Hex.decode(vector.message))
        let context = try #require(Hex.decode(vector.context))
        let sealed = try cipher.seal(message, nonce: #require(Hex.decode(vector.nonce)), context: context)
        #expect(Hex.encode(sealed) == vector.nonce + vector.hidden + vector.tag)
        #expect(try cipher.open(sealed, context: context) == message)
    }

    @Test func `a change to any bit is noticed`() throws {
        let cipher = try AESGCM(key: SecureRandom.bytes(32))
        let sealed = try cipher.seal(Array("secret".utf8), context: [1])
        #expect(try cipher.open(sealed, context: [1]) == Array("secret".utf8))
        for bit in 0..<sealed.count * 8 {
            var changed = sealed
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptographyError.notAuthentic) { try cipher.open(changed, context: [1]) }
        }
        #expect(throws: CryptographyError.notAuthentic) { try cipher.open(sealed, context: [2]) }
        #expect(throws: CryptographyError.notAuthentic) { try cipher.open(sealed) }
        #expect(throws: CryptographyError.notAuthentic) {
            try AESGCM(key: SecureRandom.bytes(32)).open(sealed, context: [1])
        }
    }

    @Test func `the same message is never sealed the same way`() throws {
        let cipher = try AESGCM(key: SecureRandom.bytes(32))
        #expect(try cipher.seal([1, 2, 3]) != cipher.seal([1, 2, 3]))
    }

    @Test func `keys and sealed data of a wrong length are refused`() throws {
        for count in [0, 16, 31, 33] {
            #expect(throws: CryptographyError.self) { try AESGCM(key: .init(repeating: 0, count: count)) }
        }
        let cipher = try AESGCM(key: SecureRandom.bytes(32))
        for count in 0..<28 {
            #expect(throws: CryptographyError.self) { try cipher.open(.init(repeating: 0, count: count)) }
        }
    }
}
