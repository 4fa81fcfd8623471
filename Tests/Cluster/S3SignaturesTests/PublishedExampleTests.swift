import Core
import HTTPModel
import S3Signatures
import Testing

/// The examples of the Amazon S3 API reference, "Signature Calculations for the Authorization Header", "Authenticating Requests:
/// Using Query Parameters", and "Transferring Payload in Multiple Chunks": their keys, requests and signatures.
@Suite struct PublishedExampleTests {
    private let secret = SecretBytes(Array("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".utf8))
    private let key = "AKIAIOSFODNN7EXAMPLE"
    private let time = Timestamp(parsing: "2013-05-24T00:00:00Z")!
    private let host = "examplebucket.s3.amazonaws.com"

    private func parts(
        _ method: String, _ path: String, _ query: String = "", _ fields: KeyValuePairs<String, String> = [:]
    ) throws -> SignedParts {
        var all = HTTPFields(["Host": host])
        for (name, value) in fields { all.append(name: name, value: value) }
        return SignedParts(
            method: method, path: Array(path.utf8), query: try #require(RequestQuery(Substring(query))),
            fields: all)
    }

    private func signature(_ parts: SignedParts, payload: String = RequestSigner.emptyPayload) throws
        -> String
    {
        let signer = RequestSigner(accessKey: key, secret: secret, region: "us-east-1")
        var signed = parts
        signed.fields = signer.sign(parts, payload: payload, at: time)
        let found = try #require(try RequestSignature.find(signed))
        // What is signed here verifies here.
        try found.verify(signed, secret: secret, payload: payload, at: time)
        return found.signature
    }

    @Test("GET of an object with a range")
    func getObject() throws {
        #expect(
            try signature(parts("GET", "/test.txt", "", ["Range": "bytes=0-9"]))
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test("PUT of an object whose key has a dollar")
    func putObject() throws {
        let parts = try parts(
            "PUT", "/test$file.text", "",
            ["Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"])
        let payload = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        #expect(
            try signature(parts, payload: payload)
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test("GET of a subresource, and of a listing")
    func queries() throws {
        #expect(
            try signature(parts("GET", "/", "lifecycle"))
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        #expect(
            try signature(parts("GET", "/", "max-keys=2&prefix=J"))
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test("A presigned URL, which is good for its time and no longer")
    func presigned() throws {
        let signer = RequestSigner(accessKey: key, secret: secret, region: "us-east-1")
        var parts = try parts("GET", "/test.txt")
        parts.query = signer.presign(parts, seconds: 86400, at: time)
        let found = try #require(try RequestSignature.find(parts))
        #expect(found.signature == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
        let payload = RequestSigner.unsignedPayload
        try found.verify(parts, secret: secret, payload: payload, at: time.advanced(by: .seconds(86400)))
        #expect(throws: SignatureError.expired) {
            try found.verify(
                parts, secret: self.secret, payload: payload, at: self.time.advanced(by: .seconds(86401)))
        }
    }

    /// 64 KiB and 1 KiB of the letter a.
    private func streamed() throws -> (SignedParts, RequestSignature, SigningKey) {
        var parts = try parts(
            "PUT", "/examplebucket/chunkObject.txt", "",
            [
                "x-amz-storage-class": "REDUCED_REDUNDANCY", "Content-Encoding": "aws-chunked",
                "x-amz-decoded-content-length": "66560", "Content-Length": "66824",
            ])
        parts.fields["Host"] = "s3.amazonaws.com"
        let payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        let signer = RequestSigner(accessKey: key, secret: secret, region: "us-east-1")
        parts.fields = signer.sign(parts, payload: payload, at: time)
        let found = try #require(try RequestSignature.find(parts))
        return (parts, found, try found.verify(parts, secret: secret, payload: payload, at: time))
    }

    private static let pieces = [
        ("10000", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", 65536),
        ("400", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", 1024),
        ("0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", 0),
    ]

    private static var body: [UInt8] {
        pieces.flatMap { size, signature, count in
            Array("\(size);chunk-signature=\(signature)\r\n".utf8) + [UInt8](repeating: 97, count: count)
                + Array("\r\n".utf8)
        }
    }

    @Test("A body in signed pieces, however it is cut on its way", arguments: [1, 7, 1000, 1 << 20])
    func chunks(step: Int) throws {
        let (_, found, key) = try streamed()
        #expect(found.signature == "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
        var decoder = ChunkDecoder(signer: ChunkSigner(key, found), hasTrailer: false)
        var data: [UInt8] = []
        let body = Self.body
        for start in stride(from: 0, to: body.count, by: step) {
            data += try decoder.feed(Array(body[start..<min(start + step, body.count)]))
        }
        #expect(decoder.isDone)
        #expect(data == [UInt8](repeating: 97, count: 66560))
    }

    @Test("A changed byte, a piece left out and a piece of another size are noticed")
    func forgeries() throws {
        let (_, found, key) = try streamed()
        let body = Self.body
        var changed = body
        changed[200] = 98
        let second = Array("400;chunk-signature=\(Self.pieces[1].1)\r\n".utf8)
        let leftOut = Array(body.dropFirst(86 + 2 + 65536 + 2))
        #expect(leftOut.starts(with: second))
        for forged in [changed, leftOut] {
            var decoder = ChunkDecoder(signer: ChunkSigner(key, found), hasTrailer: false)
            #expect(throws: ChunkError.mismatch) { _ = try decoder.feed(forged) }
        }
        var decoder = ChunkDecoder(signer: ChunkSigner(key, found), hasTrailer: false)
        _ = try decoder.feed(Array(body.dropLast(4)))
        #expect(!decoder.isDone)
    }

    @Test("A trailer behind pieces without signatures is read, and one that was not announced is not")
    func trailer() throws {
        let body = Array("4\r\nabcd\r\n0\r\nx-amz-checksum-crc32c: sOO8/Q==\r\n\r\n".utf8)
        var decoder = ChunkDecoder(signer: nil, hasTrailer: true)
        #expect(try decoder.feed(body) == Array("abcd".utf8))
        #expect(decoder.isDone)
        #expect(decoder.trailer["x-amz-checksum-crc32c"] == "sOO8/Q==")
        var other = ChunkDecoder(signer: nil, hasTrailer: false)
        #expect(throws: ChunkError.self) { _ = try other.feed(body) }
    }
}
