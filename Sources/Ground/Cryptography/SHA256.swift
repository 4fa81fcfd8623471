import CCrypto

/// SHA-256 (FIPS 180-4).
public struct SHA256: ~Copyable {
    /// Fetched once: to look an algorithm up takes longer than to hash a short text.
    nonisolated(unsafe) static let algorithm: OpaquePointer = {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("libcrypto has no SHA-256: its installation is broken")
        }
        return algorithm
    }()

    private let context: OpaquePointer

    /// Begins a hash, to be fed piece by piece.
    public init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        guard EVP_DigestInit_ex2(context, Self.algorithm, nil) == 1 else {
            preconditionFailure("\(CryptographyError.library("EVP_DigestInit_ex2"))")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { bytes in
            // It fails only after the end, which `finalize` makes impossible by consuming the hash.
            let result = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
            precondition(result == 1, "EVP_DigestUpdate failed")
        }
    }

    public mutating func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }

    /// The hash of all that was fed.
    public consuming func finalize() -> SHA256Digest {
        SHA256Digest { bytes in
            let result = EVP_DigestFinal_ex(context, bytes, nil)
            precondition(result == 1, "EVP_DigestFinal_ex failed")
        }
    }

    /// The hash of `bytes`.
    public static func hash(_ bytes: RawSpan) -> SHA256Digest {
        bytes.withUnsafeBytes { bytes in
            SHA256Digest { digest in
                let result = EVP_Digest(bytes.baseAddress, bytes.count, digest, nil, algorithm, nil)
                precondition(result == 1, "EVP_Digest failed")
            }
        }
    }

    /// The hash of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> SHA256Digest { hash(bytes.span.bytes) }

    /// The hash of the UTF-8 of `text`.
    public static func hash(_ text: String) -> SHA256Digest { hash(text.utf8.span.bytes) }
}
