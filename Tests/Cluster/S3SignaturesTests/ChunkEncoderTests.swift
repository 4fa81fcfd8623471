import Core
import HTTPModel
import S3Signatures
import Testing

@Suite struct ChunkEncoderTests {
    private let secret = SecretBytes(Array("secret".utf8))

    private func signer() throws -> ChunkSigner {
        let time = Timestamp(microseconds: 1_795_000_000_000_000)
        let parts = SignedParts(
            method: "PUT", path: [47], query: RequestQuery(), fields: HTTPFields(), host: "h")
        var signed = parts
        signed.fields = RequestSigner(accessKey: "K", secret: secret, region: "r").sign(
            parts, payload: StreamingPayload.signed.rawValue, at: time)
        let signature = try #require(try RequestSignature.find(signed))
        return ChunkSigner(signature.scope.key(secret), signature)
    }

    @Test(
        "What was written is read, whatever pieces it came in, and is as long as was said",
        arguments: [0, 1, 262_143, 262_144, 262_145, 600_000], [5000, 900_000])
    func roundTrip(_ size: Int, _ step: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var encoder = ChunkEncoder(signer: try signer())
        var encoded: [UInt8] = []
        for start in stride(from: 0, to: size, by: step) {
            encoded += encoder.feed(Array(bytes[start..<min(start + step, size)]))
        }
        encoded += encoder.finish()
        #expect(Int64(encoded.count) == ChunkEncoder.length(of: Int64(size), isSigned: true))
        var decoder = ChunkDecoder(signer: try signer(), hasTrailer: false)
        #expect(try decoder.feed(encoded) == bytes)
        #expect(decoder.isDone)
    }

    @Test(
        "A field behind the pieces is read, signed or not, and its room is in the length that was said",
        arguments: [0, 1, 262_144, 1_048_576, 2_500_000], [true, false])
    func trailer(_ size: Int, _ isSigned: Bool) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let field = (name: "x-amz-checksum-crc32c", value: "sOO8/Q==")
        var encoder = isSigned ? ChunkEncoder(signer: try signer()) : ChunkEncoder(size: Int64(size))
        var encoded: [UInt8] = []
        for start in stride(from: 0, to: size, by: 300_000) {
            encoded += encoder.feed(Array(bytes[start..<min(start + 300_000, size)]))
        }
        encoded += encoder.finish(trailer: field)
        #expect(
            Int64(encoded.count)
                == ChunkEncoder.length(of: Int64(size), isSigned: isSigned, trailer: field))
        var decoder = ChunkDecoder(signer: isSigned ? try signer() : nil, hasTrailer: true)
        // In pieces of a size that ends nowhere with those of the body.
        var decoded: [UInt8] = []
        for start in stride(from: 0, to: encoded.count, by: 50_021) {
            decoded += try decoder.feed(Array(encoded[start..<min(start + 50_021, encoded.count)]))
        }
        #expect(decoded == bytes && decoder.isDone)
        #expect(decoder.trailer[field.name] == field.value)
    }

    @Test("Another value of the field behind the pieces than that which was signed is refused")
    func changedTrailer() throws {
        var encoder = ChunkEncoder(signer: try signer())
        var encoded = encoder.feed([1, 2, 3])
        encoded += encoder.finish(trailer: ("x-amz-checksum-crc32c", "sOO8/Q=="))
        let at = try #require(encoded.firstRange(of: Array("sOO8".utf8))?.lowerBound)
        encoded[at] = UInt8(ascii: "t")
        var decoder = ChunkDecoder(signer: try signer(), hasTrailer: true)
        #expect(throws: ChunkError.mismatch) { try decoder.feed(encoded) }
    }
}
