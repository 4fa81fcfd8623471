public import Core
import Cryptography

/// The signature of a form: of its policy, by either of the ways that S3 has for that.
public struct FormSignature: Hashable, Sendable {
    private enum Way: Hashable, Sendable {
        /// Version 4.
        case four(CredentialScope, String)
        /// Version 2: HMAC-SHA1 of the policy, in base 64. Only for forms.
        case two(String)
    }

    public let accessKey: String
    private let policy: String
    private let way: Way

    /// Finds the signature in the fields of a form, by their names in lower case; nil where there is none.
    public static func find(_ fields: [String: String]) throws(SignatureError) -> FormSignature? {
        let names = ["x-amz-signature", "x-amz-credential", "x-amz-algorithm", "signature", "awsaccesskeyid"]
        guard let policy = fields["policy"] else {
            guard !names.contains(where: { fields[$0] != nil }) else {
                throw .malformed("a form that is signed has a policy")
            }
            return nil
        }
        if let signature = fields["signature"], let key = fields["awsaccesskeyid"] {
            return FormSignature(accessKey: key, policy: policy, way: .two(signature))
        }
        guard let signature = fields["x-amz-signature"],
            let credential = fields["x-amz-credential"].flatMap({ CredentialScope.parse($0) }),
            fields["x-amz-algorithm"] == RequestSignature.algorithm
        else {
            throw .malformed(
                "a form with a policy needs x-amz-algorithm, x-amz-credential and x-amz-signature")
        }
        return FormSignature(
            accessKey: credential.key, policy: policy, way: .four(credential.scope, signature))
    }

    /// Whether it was made with `secret`.
    public func verify(secret: SecretBytes) throws(SignatureError) {
        switch way {
        case .four(let scope, let signature):
            guard scope.service == "s3", scope.key(secret).isValid(signature, for: policy) else {
                throw .mismatch
            }
        case .two(let signature):
            let code = HMACSHA1.authenticate(Array(policy.utf8), key: secret.bytes)
            guard let given = Base64.decode(signature), ConstantTime.areEqual(given, code) else {
                throw .mismatch
            }
        }
    }
}

/// HMAC (RFC 2104) with SHA-1, which is broken for signatures of documents and not for this; only for forms signed the old way.
enum HMACSHA1 {
    private static let blockBytes = 64

    static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var block = key.count > blockBytes ? MessageDigest.hash(key, .sha1) : key
        block += [UInt8](repeating: 0, count: blockBytes - block.count)
        let inner = MessageDigest.hash(block.map { $0 ^ 0x36 } + message, .sha1)
        return MessageDigest.hash(block.map { $0 ^ 0x5C } + inner, .sha1)
    }
}
