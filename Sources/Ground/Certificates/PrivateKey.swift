import CX509

/// A private key: ECDSA on P-256 where it was made here. It shows itself in no log.
public struct PrivateKey: Sendable {
    let handle: KeyHandle

    /// Makes a new one.
    public static func generate() throws(CertificateError) -> PrivateKey {
        guard let pointer = capollo_x509_generate_key() else { throw LibraryErrors.failure("making a key") }
        return PrivateKey(handle: KeyHandle(pointer))
    }

    private init(handle: KeyHandle) { self.handle = handle }

    /// Reads a key without a password.
    ///
    /// - Throws: ``CertificateError/malformed(_:)``, which repeats nothing of `pem`.
    public init(pem: [UInt8]) throws(CertificateError) {
        LibraryErrors.clear()
        let stream = try MemoryBIO(reading: pem, of: "private key")
        guard let pointer = capollo_x509_read_key(stream.pointer) else {
            throw .malformed("this is no private key in PEM form without a password: \(LibraryErrors.take())")
        }
        handle = KeyHandle(pointer)
        guard capollo_x509_is_strong(pointer) == 1 else { throw .malformed(KeyHandle.weak) }
    }

    /// The secret, as PKCS #8 in PEM form.
    public func pem() throws(CertificateError) -> [UInt8] {
        let stream = try MemoryBIO()
        guard PEM_write_bio_PKCS8PrivateKey(stream.pointer, handle.pointer, nil, nil, 0, nil, nil) == 1 else {
            throw LibraryErrors.failure("writing a key")
        }
        return stream.bytes
    }

    /// Signs `message`, so that whoever has the certificate can tell that the key's owner did.
    public func sign(_ message: [UInt8]) throws(CertificateError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw .failed("out of memory") }
        defer { EVP_MD_CTX_free(context) }
        var count = 0
        guard EVP_DigestSignInit(context, nil, handle.digest, nil, handle.pointer) == 1,
            EVP_DigestSign(context, nil, &count, message, message.count) == 1
        else { throw LibraryErrors.failure("signing") }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
            throw LibraryErrors.failure("signing")
        }
        return Array(signature.prefix(count))
    }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "a private key" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A key, public or private.
final class KeyHandle: Sendable {
    static let weak =
        "the key is too weak or of a kind not taken: use an elliptic curve such as P-256, or RSA of 2048 bits"

    // Never changed once made, and counted by OpenSSL itself.
    nonisolated(unsafe) let pointer: OpaquePointer

    /// Takes `pointer` over.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// The hash that signatures are made over; Ed25519 has its own.
    var digest: OpaquePointer? { EVP_PKEY_get_base_id(pointer) == EVP_PKEY_ED25519 ? nil : EVP_sha256() }

    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            LibraryErrors.clear()
        }
        guard EVP_DigestVerifyInit(context, nil, digest, nil, pointer) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
