import Core
import HTTPModel
import S3Signatures
import Testing

@Suite struct RefusedSignatureTests {
    private let secret = SecretBytes(Array("secret".utf8))
    private let time = Timestamp(parsing: "2026-11-27T12:00:00Z")!

    private func signed(_ fields: KeyValuePairs<String, String> = [:]) -> SignedParts {
        var all = HTTPFields(["Host": "127.0.0.1:7071"])
        for (name, value) in fields { all.append(name: name, value: value) }
        var parts = SignedParts(method: "PUT", path: Array("/b/k".utf8), query: RequestQuery(), fields: all)
        let signer = RequestSigner(accessKey: "K", secret: secret, region: "eu-north-1")
        parts.fields = signer.sign(parts, payload: RequestSigner.unsignedPayload, at: time)
        return parts
    }

    private func refusal(_ parts: SignedParts, after delay: Duration = .zero) -> SignatureError? {
        do throws(SignatureError) {
            guard let found = try RequestSignature.find(parts) else { return nil }
            try found.verify(
                parts, secret: secret, payload: RequestSigner.unsignedPayload, at: time.advanced(by: delay))
            return nil
        } catch {
            return error
        }
    }

    @Test("Any region will do, and a clock that is off by a quarter of an hour")
    func taken() {
        #expect(refusal(signed()) == nil)
        #expect(refusal(signed(), after: .seconds(900)) == nil)
        #expect(refusal(signed(), after: .seconds(-900)) == nil)
    }

    @Test("A request of a time further away is refused, from before and after")
    func skewed() {
        #expect(refusal(signed(), after: .seconds(901)) == .skewed)
        #expect(refusal(signed(), after: .seconds(-901)) == .skewed)
    }

    @Test("Whatever of a signed request is changed, the signature does not fit any more")
    func changed() {
        let good = signed(["x-amz-meta-a": "1"])
        var method = good
        method.method = "DELETE"
        var path = good
        path.path += Array("2".utf8)
        var query = good
        query.query = RequestQuery([.init("acl", "")])
        var field = good
        field.fields["x-amz-meta-a"] = "2"
        var host = good
        host.fields["Host"] = "127.0.0.1:7072"
        for parts in [method, path, query, field, host] { #expect(refusal(parts) == .mismatch) }
    }

    @Test("A field that means something to S3 has to be signed")
    func unsigned() {
        var parts = signed()
        parts.fields["x-amz-acl"] = "public-read"
        #expect(refusal(parts) == .unsigned("x-amz-acl"))
    }

    @Test(
        "What is no signature is refused, with the reason",
        arguments: [
            "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=K",
            "AWS4-HMAC-SHA256 Credential=K/20261127/r/s3/aws4",
            "AWS4-HMAC-SHA256 Credential=K/20261127/r/ec2/aws4_request, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=K/20261126/r/s3/aws4_request, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=K/2026112x/r/s3/aws4_request, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=K/20261127/r/s3/aws4_request, SignedHeaders=host",
        ])
    func malformed(value: String) throws {
        var parts = signed()
        parts.fields["Authorization"] = value
        guard case .malformed? = refusal(parts) else {
            Issue.record("taken: \(value)")
            return
        }
    }

    @Test("Another scheme is told from a wrong signature, and none from both")
    func unsupported() throws {
        var parts = signed()
        parts.fields["Authorization"] = "AWS K:c2lnbmF0dXJl"
        #expect(refusal(parts) == .unsupported)
        parts.fields["Authorization"] = nil
        #expect(try RequestSignature.find(parts) == nil)
    }

    @Test("A signature that is no hexadecimal number does not fit")
    func noDigits() {
        var parts = signed()
        let value = parts.fields["Authorization"] ?? ""
        parts.fields["Authorization"] = String(value.dropLast(64)) + String(repeating: "z", count: 64)
        #expect(refusal(parts) == .mismatch)
    }
}
