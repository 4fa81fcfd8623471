import CCrypto

/// SHA-1 (FIPS 180-4), which is broken: only where a protocol of old has it and nothing depends on its strength, such as the
/// handshake of WebSocket.
public enum SHA1 {
    /// The 20 bytes of the hash.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        let result = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha1(), nil)
        precondition(result == 1, "EVP_Digest failed")
        return digest
    }
}
