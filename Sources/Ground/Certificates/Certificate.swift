import CX509
public import Core
public import Cryptography
public import Identity

/// An X.509 certificate (RFC 5280).
public struct Certificate: Sendable {
    /// Random, so that nobody can guess the next one; in hexadecimal.
    public let serial: String
    public let notBefore: Timestamp
    public let notAfter: Timestamp
    /// The common names of whom it is for, and of who signed it.
    public let subject: String
    public let issuer: String
    public let names: [AlternativeName]
    public let der: [UInt8]
    let handle: CertificateHandle

    /// Whom it is for, as a principal; nil for certificates of other makers.
    public var principal: Principal? {
        let principals = names.compactMap { name -> Principal? in
            guard case .uri(let text) = name else { return nil }
            return Principal(certificateURI: text)
        }
        // Of one that claims to be two nobody knows who it is.
        return principals.count == 1 ? principals[0] : nil
    }

    /// The SHA-256 of its bytes.
    public var fingerprint: SHA256Digest { SHA256.hash(der) }

    /// From when on it should be renewed: at two thirds of its time.
    public var renewsAt: Timestamp {
        Timestamp(
            microseconds: notBefore.microseconds + (notAfter.microseconds - notBefore.microseconds) / 3 * 2)
    }

    /// Takes `pointer` over.
    init(taking pointer: OpaquePointer) throws(CertificateError) {
        handle = CertificateHandle(pointer)
        var serial = [UInt8](repeating: 0, count: 64)
        let count = capollo_x509_serial(pointer, &serial, Int32(serial.count))
        let from = capollo_x509_seconds(X509_get0_notBefore(pointer))
        let to = capollo_x509_seconds(X509_get0_notAfter(pointer))
        // Beyond what a timestamp holds there is nothing that anybody meant; a time that is none is the least number.
        let sensible = -(1 << 40)..<Int64(1 << 40)
        guard count > 0, sensible.contains(from), sensible.contains(to) else {
            LibraryErrors.clear()
            throw .malformed("the certificate has no proper serial number or times")
        }
        self.serial = Hex.encode(Array(serial.prefix(Int(count))))
        notBefore = Timestamp(microseconds: from * 1_000_000)
        notAfter = Timestamp(microseconds: to * 1_000_000)
        subject = Self.commonName(X509_get_subject_name(pointer))
        issuer = Self.commonName(X509_get_issuer_name(pointer))
        names = NameList.read(capollo_x509_names(pointer))
        let stream = try MemoryBIO()
        guard i2d_X509_bio(stream.pointer, pointer) == 1 else {
            throw LibraryErrors.failure("writing a certificate")
        }
        der = stream.bytes
    }

    /// Reads one in DER.
    ///
    /// - Throws: ``CertificateError/malformed(_:)``.
    public init(der: [UInt8]) throws(CertificateError) {
        let pointer = der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return d2i_X509(nil, &position, bytes.count)
        }
        guard let pointer else { throw .malformed("the certificate is damaged: \(LibraryErrors.take())") }
        try self.init(taking: pointer)
    }

    /// Reads the certificates of a text in PEM form, in their order; other blocks are passed over.
    ///
    /// - Throws: ``CertificateError/malformed(_:)`` for one that is damaged, for none, and for more than 32.
    public static func chain(pem: [UInt8]) throws(CertificateError) -> [Certificate] {
        let stream = try MemoryBIO(reading: pem, of: "certificate")
        var chain: [Certificate] = []
        while true {
            LibraryErrors.clear()
            guard let pointer = capollo_x509_read_certificate(stream.pointer) else {
                guard capollo_x509_is_end_of_pem(ERR_peek_last_error()) == 1 else {
                    throw .malformed("a certificate is damaged: \(LibraryErrors.take())")
                }
                LibraryErrors.clear()
                break
            }
            chain.append(try Certificate(taking: pointer))
            guard chain.count <= 32 else { throw .malformed("there are more than 32 certificates") }
        }
        guard !chain.isEmpty else { throw .malformed("there is no certificate in PEM form") }
        return chain
    }

    public func pem() throws(CertificateError) -> String {
        let stream = try MemoryBIO()
        guard PEM_write_bio_X509(stream.pointer, handle.pointer) == 1 else {
            throw LibraryErrors.failure("writing a certificate")
        }
        return stream.text
    }

    /// Whether the certificate's key made `signature` over `message`.
    public func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let key = X509_get_pubkey(handle.pointer) else {
            LibraryErrors.clear()
            return false
        }
        return KeyHandle(key).isSignature(signature, of: message)
    }

    /// Whether it is `key`'s.
    public func belongs(to key: PrivateKey) -> Bool {
        defer { LibraryErrors.clear() }
        return X509_check_private_key(handle.pointer, key.handle.pointer) == 1
    }

    private static func commonName(_ name: OpaquePointer?) -> String {
        var text = [CChar](repeating: 0, count: 256)
        let count = X509_NAME_get_text_by_NID(name, NID_commonName, &text, Int32(text.count))
        guard count > 0 else { return "" }
        return String(decoding: text.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Certificate: Hashable {
    public static func == (a: Self, b: Self) -> Bool { a.der == b.der }
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}

/// A certificate as OpenSSL has it.
final class CertificateHandle: Sendable {
    // Never changed once made, and counted by OpenSSL itself.
    nonisolated(unsafe) let pointer: OpaquePointer

    /// Takes `pointer` over.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }
}
