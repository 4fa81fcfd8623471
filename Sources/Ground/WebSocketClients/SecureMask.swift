import Cryptography

/// Masks that who writes the payload cannot foresee (RFC 6455, section 5.3).
enum SecureMask {
    static func next() -> UInt32 {
        do {
            return try SecureRandom.bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
        } catch {
            preconditionFailure("the system has no entropy to give: \(error)")
        }
    }
}
