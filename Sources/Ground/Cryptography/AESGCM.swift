import CCrypto

/// AES-256 in Galois/counter mode (NIST SP 800-38D): hides bytes and notices every change to them.
public struct AESGCM: Sendable {
    public static let keyByteCount = 32
    public static let nonceByteCount = 12
    public static let tagByteCount = 16

    nonisolated(unsafe) private static let algorithm: OpaquePointer = {
        guard let algorithm = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else {
            preconditionFailure("libcrypto has no AES-256-GCM: its installation is broken")
        }
        return algorithm
    }()

    private let key: [UInt8]

    /// - Throws: ``CryptographyError/malformed(_:)`` unless `key` has 32 bytes.
    public init(key: [UInt8]) throws(CryptographyError) {
        guard key.count == Self.keyByteCount else {
            throw .malformed("an AES-256 key has \(Self.keyByteCount) bytes, this one \(key.count)")
        }
        self.key = key
    }

    /// Seals `message`: a fresh random nonce, then the hidden bytes, then the tag. `context` is not hidden and not
    /// contained, but must be the same to open it: it ties the sealed bytes to where they belong.
    ///
    /// A key seals at most 2^32 messages (SP 800-38D, section 8.3): beyond, two random nonces may meet.
    public func seal(_ message: [UInt8], context: [UInt8] = []) throws(CryptographyError) -> [UInt8] {
        try seal(message, nonce: SecureRandom.bytes(Self.nonceByteCount), context: context)
    }

    /// Opens what ``seal(_:context:)`` made.
    ///
    /// - Throws: ``CryptographyError/notAuthentic`` if a bit of it, of the key or of the context is another.
    public func open(_ sealed: [UInt8], context: [UInt8] = []) throws(CryptographyError) -> [UInt8] {
        guard sealed.count >= Self.nonceByteCount + Self.tagByteCount else {
            throw .malformed("sealed data has at least \(Self.nonceByteCount + Self.tagByteCount) bytes")
        }
        let hidden = Array(sealed.dropFirst(Self.nonceByteCount).dropLast(Self.tagByteCount))
        var tag = Array(sealed.suffix(Self.tagByteCount))
        let cipher = try Cipher.begin(
            key: key, nonce: Array(sealed.prefix(Self.nonceByteCount)), encrypts: false)
        try cipher.authenticate(context)
        let message = try cipher.process(hidden)
        guard EVP_CIPHER_CTX_ctrl(cipher.context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else {
            throw .library("EVP_CIPHER_CTX_ctrl")
        }
        // Until this has returned 1 nothing of the message may be used.
        guard try cipher.finish() else { throw .notAuthentic }
        return message
    }

    func seal(
        _ message: [UInt8], nonce: [UInt8], context: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let cipher = try Cipher.begin(key: key, nonce: nonce, encrypts: true)
        try cipher.authenticate(context)
        let hidden = try cipher.process(message)
        guard try cipher.finish() else { throw .library("EVP_CipherFinal_ex") }
        var tag = [UInt8](repeating: 0, count: Self.tagByteCount)
        guard EVP_CIPHER_CTX_ctrl(cipher.context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1 else {
            throw .library("EVP_CIPHER_CTX_ctrl")
        }
        return nonce + hidden + tag
    }

    /// One run of the cipher.
    private struct Cipher: ~Copyable {
        let context: OpaquePointer

        private init() throws(CryptographyError) {
            guard let context = EVP_CIPHER_CTX_new() else { throw .failed("out of memory") }
            self.context = context
        }

        static func begin(
            key: [UInt8], nonce: [UInt8], encrypts: Bool
        ) throws(CryptographyError) -> Cipher {
            // The mode's own length for a nonce, 12 bytes, is the one used.
            precondition(nonce.count == AESGCM.nonceByteCount)
            let cipher = try Cipher()
            guard EVP_CipherInit_ex2(cipher.context, algorithm, key, nonce, encrypts ? 1 : 0, nil) == 1 else {
                throw .library("EVP_CipherInit_ex2")
            }
            return cipher
        }

        deinit { EVP_CIPHER_CTX_free(context) }

        func authenticate(_ bytes: [UInt8]) throws(CryptographyError) {
            guard !bytes.isEmpty else { return }
            var count: Int32 = 0
            guard bytes.count <= Int32.max,
                EVP_CipherUpdate(context, nil, &count, bytes, Int32(bytes.count)) == 1
            else { throw .library("EVP_CipherUpdate") }
        }

        func process(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
            guard !bytes.isEmpty else { return [] }
            guard bytes.count <= Int32.max else { throw .malformed("more than 2 GiB in one message") }
            var output = [UInt8](repeating: 0, count: bytes.count)
            var count: Int32 = 0
            guard EVP_CipherUpdate(context, &output, &count, bytes, Int32(bytes.count)) == 1,
                count == bytes.count
            else { throw .library("EVP_CipherUpdate") }
            return output
        }

        /// Ends the run; false if the tag does not fit.
        func finish() throws(CryptographyError) -> Bool {
            var count: Int32 = 0
            var nothing = [UInt8](repeating: 0, count: 16)
            let result = EVP_CipherFinal_ex(context, &nothing, &count)
            if result != 1 { ERR_clear_error() }
            return result == 1
        }
    }
}
