import CCrypto

/// Comparisons that take as long whether the first byte differs or the last.
public enum ConstantTime {
    /// Whether both hold the same bytes. Their lengths are no secret.
    public static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }
}
