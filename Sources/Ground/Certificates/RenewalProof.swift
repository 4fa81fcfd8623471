public import Core
import Cryptography

/// What the owner of a certificate signs with its key to get the next one.
public enum RenewalProof {
    /// How far the clocks of both may be apart.
    public static let skew = Duration.seconds(300)

    /// The message: which request it is for, and when it was made, so that nobody can send it again much later.
    public static func message(for request: SigningRequest, at time: Timestamp) -> [UInt8] {
        Array("apollo renewal 1\n\(time)\n\(SHA256.hash(request.der))\n".utf8)
    }
}
