import CCrypto

/// HMAC with SHA-256 (RFC 2104, FIPS 198-1).
public enum HMACSHA256 {
    nonisolated(unsafe) private static let algorithm: OpaquePointer = {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else {
            preconditionFailure("libcrypto has no HMAC: its installation is broken")
        }
        return algorithm
    }()

    /// The code of `message` under `key`, which may have any length.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) -> SHA256Digest {
        guard let context = EVP_MAC_CTX_new(algorithm) else { preconditionFailure("out of memory") }
        defer { EVP_MAC_CTX_free(context) }
        // libcrypto takes no key at all for "the key of before": an empty one needs an address.
        let material = key.isEmpty ? [0] : key
        var name = Array("SHA256".utf8CString)
        let isReady = name.withUnsafeMutableBufferPointer { name in
            var parameters = [
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_init(context, material, key.count, &parameters)
        }
        precondition(isReady == 1, "\(CryptographyError.library("EVP_MAC_init"))")
        precondition(EVP_MAC_update(context, message, message.count) == 1, "EVP_MAC_update failed")
        return SHA256Digest { bytes in
            var count = 0
            let result = EVP_MAC_final(context, bytes, &count, SHA256Digest.byteCount)
            precondition(result == 1 && count == SHA256Digest.byteCount, "EVP_MAC_final failed")
        }
    }

    /// Whether `code` is the one of `message` under `key`, in a time that tells nothing of it.
    public static func isValid(_ code: SHA256Digest, for message: [UInt8], key: [UInt8]) -> Bool {
        authenticate(message, key: key).isEqualInConstantTime(to: code)
    }
}
