import CCrypto

/// Random bytes that nobody can guess: for keys, tokens and nonces, and for nothing that a simulation has to repeat.
public enum SecureRandom {
    /// - Throws: ``CryptographyError/failed(_:)`` if the system has no entropy to give.
    public static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard count <= Int32.max, RAND_bytes(&bytes, Int32(count)) == 1 else { throw .library("RAND_bytes") }
        return bytes
    }
}
