import Cryptography
import LaneDigests
import Testing

@Suite struct MD5LanesTests {
    private func noise(_ count: Int, _ numbers: inout Numbers) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
    }

    /// Cut at random, pieces of no bytes and of many included.
    private func pieces(_ bytes: [UInt8], _ numbers: inout Numbers) -> [[UInt8]] {
        var (pieces, rest) = ([[UInt8]](), bytes[...])
        while !rest.isEmpty {
            let most = [1, 63, 64, 200, 70_000].randomElement(using: &numbers)!
            let piece = rest.prefix(Int.random(in: 0...most, using: &numbers))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    @Test("The digests are those that RFC 1321 prints")
    func published() {
        let cases = [
            "": "d41d8cd98f00b204e9800998ecf8427e", "a": "0cc175b9c0f1b6a831c399e269772661",
            "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890":
                "57edf4a22be3c955ac49da2e2107b67a",
        ]
        for (text, digest) in cases {
            let stream = MD5Stream()
            stream.update(Array(text.utf8))
            #expect(Hex.encode(stream.digest()) == digest)
        }
    }

    @Test("Bytes of every length about the ends of blocks have the digest that OpenSSL gives")
    func lengths() {
        var numbers = Numbers(seed: 1)
        let bytes = noise(260, &numbers)
        for count in 0...260 {
            let stream = MD5Stream()
            stream.update(Array(bytes[..<count]))
            #expect(stream.digest() == MessageDigest.hash(bytes[..<count], .md5), "\(count) bytes")
        }
    }

    @Test(
        "Streams of random lengths, cut at random, hashed beside each other have the digests that OpenSSL gives",
        arguments: [1, 4, 8], [1, 2, 3])
    func beside(width: Int, threads: Int) async {
        for seed in 0..<12 as Range<UInt64> {
            var numbers = Numbers(seed: seed)
            let lanes = MD5Lanes(threads: threads, width: width)
            let count = Int.random(in: 1...20, using: &numbers)
            let streams = (0..<count).map { _ in
                let most = [100, 5000, 300_000].randomElement(using: &numbers)!
                return noise(Int.random(in: 0...most, using: &numbers), &numbers)
            }
            await withTaskGroup { group in
                for bytes in streams {
                    let pieces = pieces(bytes, &numbers)
                    group.addTask {
                        let stream = MD5Stream()
                        for (index, piece) in pieces.enumerated() {
                            // Some here, most in lanes: a stream may have both.
                            if index % 5 == 4 {
                                stream.update(piece)
                            } else {
                                await lanes.update(stream, piece)
                            }
                        }
                        #expect(
                            stream.digest() == MessageDigest.hash(bytes, .md5),
                            "seed \(seed), \(bytes.count) bytes")
                    }
                }
            }
        }
    }

    @Test("A stream whose digest was asked for goes on")
    func goesOn() {
        let stream = MD5Stream()
        stream.update(Array("message ".utf8))
        #expect(stream.digest() == MessageDigest.hash("message ".utf8, .md5))
        stream.update(Array("digest".utf8))
        #expect(stream.digest() == MessageDigest.hash("message digest".utf8, .md5))
    }
}

/// Random numbers from a seed (G. Steele, D. Lea, C. Flood: "Fast splittable pseudorandom number generators").
private struct Numbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
