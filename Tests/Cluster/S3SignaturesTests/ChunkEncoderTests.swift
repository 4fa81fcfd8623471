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
            parts, payload: ChunkEncoder.payload, at: time)
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
        #expect(Int64(encoded.count) == ChunkEncoder.length(of: Int64(size)))
        var decoder = ChunkDecoder(signer: try signer(), hasTrailer: false)
        #expect(try decoder.feed(encoded) == bytes)
        #expect(decoder.isDone)
    }
}
