public import Core
import Cryptography

/// What a signing key is good for: a day, a region, a service.
public struct CredentialScope: Hashable, Sendable {
    /// `20130524`.
    public var day: String
    public var region: String
    public var service: String

    public init(day: String, region: String, service: String = "s3") {
        self.day = day
        self.region = region
        self.service = service
    }

    public init(_ time: Timestamp, region: String) {
        self.init(day: String(SigningTime.text(time).prefix(8)), region: region)
    }

    public var text: String { "\(day)/\(region)/\(service)/aws4_request" }

    /// Reads `KEY/20130524/us-east-1/s3/aws4_request`: the access key, and the scope.
    static func parse(_ text: String) -> (key: String, scope: CredentialScope)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[4] == "aws4_request", parts.allSatisfy({ !$0.isEmpty }),
            parts[1].utf8.count == 8, parts[1].utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return (parts[0], CredentialScope(day: parts[1], region: parts[2], service: parts[3]))
    }

    /// The key that signs, made of the secret.
    public func key(_ secret: SecretBytes) -> SigningKey {
        var key = Array("AWS4".utf8) + secret.bytes
        for part in [day, region, service, "aws4_request"] {
            key = HMACSHA256.authenticate(Array(part.utf8), key: key).bytes
        }
        return SigningKey(bytes: SecretBytes(key))
    }
}

/// A key that signs requests of one day, to one region.
public struct SigningKey: Hashable, Sendable {
    let bytes: SecretBytes

    /// The signature of `text`, in hexadecimal.
    public func sign(_ text: String) -> String {
        HMACSHA256.authenticate(Array(text.utf8), key: bytes.bytes).hex
    }

    /// Whether `signature` is that of `text`, in a time that does not tell where it differs.
    func isValid(_ signature: String, for text: String) -> Bool {
        SHA256Digest(hex: signature).map {
            HMACSHA256.isValid($0, for: Array(text.utf8), key: bytes.bytes)
        } ?? false
    }
}
