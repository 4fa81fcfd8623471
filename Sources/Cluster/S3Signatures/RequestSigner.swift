public import Core
import Cryptography
public import HTTPModel

/// Signs requests, as a client.
public struct RequestSigner: Sendable {
    public static let unsignedPayload = "UNSIGNED-PAYLOAD"
    /// The hash of nothing.
    public static let emptyPayload = SHA256.hash("").hex

    public var accessKey: String
    public var secret: SecretBytes
    /// With keys that are good for a while; nil for others.
    public var session: String?
    public var region: String

    public init(accessKey: String, secret: SecretBytes, session: String? = nil, region: String) {
        self.accessKey = accessKey
        self.secret = secret
        self.session = session
        self.region = region
    }

    /// The fields of `parts`, which have the host, with those that sign it.
    ///
    /// - Parameter payload: the SHA-256 of the body in hexadecimal, or ``unsignedPayload``.
    public func sign(_ parts: SignedParts, payload: String, at time: Timestamp) -> HTTPFields {
        var parts = parts
        let scope = CredentialScope(time, region: region)
        parts.fields["x-amz-date"] = SigningTime.text(time)
        parts.fields["x-amz-content-sha256"] = payload
        if let session { parts.fields["x-amz-security-token"] = session }
        let names = Array(Set(parts.fields.lines.map { $0.name.lowercased() })).sorted()
        let text = parts.textToSign(
            signed: names, payload: payload, time: SigningTime.text(time), scope)
        let signature = scope.key(secret).sign(text)
        parts.fields["Authorization"] =
            "\(RequestSignature.algorithm) Credential=\(accessKey)/\(scope.text), "
            + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
        return parts.fields
    }

    /// The query of a URL that anybody may use for `seconds` from `time` on.
    public func presign(_ parts: SignedParts, seconds: Int64, at time: Timestamp) -> RequestQuery {
        var parts = parts
        let scope = CredentialScope(time, region: region)
        let names = Array(Set(parts.fields.lines.map { $0.name.lowercased() })).sorted()
        parts.query.items += [
            .init("X-Amz-Algorithm", RequestSignature.algorithm),
            .init("X-Amz-Credential", "\(accessKey)/\(scope.text)"),
            .init("X-Amz-Date", SigningTime.text(time)), .init("X-Amz-Expires", "\(seconds)"),
            .init("X-Amz-SignedHeaders", names.joined(separator: ";")),
        ]
        if let session { parts.query.items.append(.init("X-Amz-Security-Token", session)) }
        let text = parts.textToSign(
            signed: names, payload: Self.unsignedPayload, time: SigningTime.text(time), scope)
        parts.query.items.append(.init("X-Amz-Signature", scope.key(secret).sign(text)))
        return parts.query
    }
}
