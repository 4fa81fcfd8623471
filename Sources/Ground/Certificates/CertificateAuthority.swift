import CX509
public import Core
import Cryptography
import Identity

/// A certificate authority: its own certificate, and the key it signs with.
public struct CertificateAuthority: Sendable {
    /// How far back a certificate is dated, since the clocks of machines differ: a day, and less where it is good for a short time. One
    /// whose clock is an hour behind takes part, and is told that it is.
    public static func skew(of lifetime: Duration) -> Duration {
        min(.seconds(86400), max(.seconds(300), lifetime / 20))
    }
    public static let lifetime = Duration.seconds(3650 * 86400)

    public let certificate: Certificate
    public let key: PrivateKey

    /// - Throws: ``CertificateError/malformed(_:)`` unless they belong together.
    public init(certificate: Certificate, key: PrivateKey) throws(CertificateError) {
        guard certificate.belongs(to: key) else {
            throw .malformed("the key of the certificate authority does not belong to its certificate")
        }
        self.certificate = certificate
        self.key = key
    }

    /// Makes a new authority for the cluster called `cluster`. Other than certificates it signs the authority that takes its place
    /// (``endorse(_:at:)``), which in turn signs the next, so the length of the path is not limited.
    public static func make(
        cluster: String, at now: Timestamp, lifetime: Duration = Self.lifetime
    ) throws(CertificateError) -> CertificateAuthority {
        let key = try PrivateKey.generate()
        // Two authorities of one cluster are told apart by their names, too.
        let mark = Hex.encode(try secureBytes(4))
        let draft = try CertificateDraft.make(
            subject: "Apollo \(cluster) authority \(mark)",
            from: now.advanced(by: .zero - skew(of: lifetime)),
            to: now.advanced(by: lifetime), key: key.handle)
        let certificate = try draft.signed(by: nil, key: key, names: []) { draft in
            // The numbers of the bits are those of RFC 5280, section 4.2.1.3.
            capollo_x509_add_constraints(draft, 1) == 1 && capollo_x509_add_usage(draft, [5, 6], 2) == 1
        }
        return try CertificateAuthority(certificate: certificate, key: key)
    }

    /// Signs a certificate for the key in `request`, on `terms` alone: what the request would like is not looked at.
    ///
    /// It never outlives the authority.
    public func issue(
        _ request: SigningRequest, _ terms: CertificateTerms, at now: Timestamp
    ) throws(CertificateError) -> Certificate {
        let draft = try CertificateDraft.make(
            subject: terms.principal.name, from: now.advanced(by: .zero - Self.skew(of: terms.lifetime)),
            to: min(now.advanced(by: terms.lifetime), certificate.notAfter), key: request.key)
        let usages = terms.usages
        return try draft.signed(
            by: certificate, key: key, names: [.uri(terms.principal.certificateURI)] + terms.names
        ) { draft in
            capollo_x509_add_constraints(draft, 0) == 1 && capollo_x509_add_usage(draft, [0], 1) == 1
                && capollo_x509_add_purposes(
                    draft, usages.contains(.server) ? 1 : 0, usages.contains(.client) ? 1 : 0) == 1
        }
    }

    /// Signs `successor`, an authority that takes the place of this one: whoever trusts this one alone, and is shown that
    /// beside what the successor signed, has a path to it.
    public func endorse(_ successor: Certificate, at now: Timestamp) throws(CertificateError) -> Certificate {
        guard let pointer = X509_get_pubkey(successor.handle.pointer) else {
            throw LibraryErrors.failure("reading the key of an authority")
        }
        let draft = try CertificateDraft.make(
            subject: successor.subject, from: now.advanced(by: .zero - Self.skew(of: Self.lifetime)),
            to: min(successor.notAfter, certificate.notAfter), key: KeyHandle(pointer))
        return try draft.signed(by: certificate, key: key, names: []) { draft in
            capollo_x509_add_constraints(draft, 1) == 1 && capollo_x509_add_usage(draft, [5, 6], 2) == 1
        }
    }

    static func secureBytes(_ count: Int) throws(CertificateError) -> [UInt8] {
        do {
            return try SecureRandom.bytes(count)
        } catch {
            throw .failed("\(error)")
        }
    }
}

/// A certificate that is not signed yet.
private struct CertificateDraft: ~Copyable {
    private let pointer: OpaquePointer

    static func make(
        subject: String, from: Timestamp, to: Timestamp, key: KeyHandle
    ) throws(CertificateError) -> CertificateDraft {
        let draft = try CertificateDraft(taking: X509_new())
        let pointer = draft.pointer
        // 127 random bits (RFC 5280 wants 20 bytes at most, and a positive number).
        var serial = try CertificateAuthority.secureBytes(16)
        serial[0] = serial[0] & 0x7F | 0x40
        // A common name holds 64 characters at most (RFC 5280, appendix A); the whole name is in the URI.
        let name = Array(String(subject.unicodeScalars.prefix(64).map(Character.init)).utf8)
        guard X509_set_version(pointer, Int(X509_VERSION_3)) == 1,
            capollo_x509_set_serial(pointer, serial, Int32(serial.count)) == 1,
            capollo_x509_set_times(
                pointer, from.microseconds / 1_000_000, to.microseconds / 1_000_000) == 1,
            capollo_x509_name_add(
                X509_get_subject_name(pointer), NID_commonName, name, Int32(name.count)) == 1,
            X509_set_pubkey(pointer, key.pointer) == 1
        else { throw LibraryErrors.failure("making a certificate") }
        return draft
    }

    private init(taking pointer: OpaquePointer?) throws(CertificateError) {
        guard let pointer else { throw .failed("out of memory") }
        self.pointer = pointer
    }

    deinit { X509_free(pointer) }

    /// Signs it; by itself where `authority` is nil.
    func signed(
        by authority: Certificate?, key: PrivateKey, names: [AlternativeName],
        _ extend: (OpaquePointer) -> Bool
    ) throws(CertificateError) -> Certificate {
        let issuer = authority?.handle.pointer ?? pointer
        guard X509_set_issuer_name(pointer, X509_get_subject_name(issuer)) == 1, extend(pointer),
            capollo_x509_add_key_identifiers(pointer, issuer) == 1
        else { throw LibraryErrors.failure("making a certificate") }
        if !names.isEmpty {
            let list = try NameList.make(names)
            guard capollo_x509_add_names(pointer, list.pointer) == 1 else {
                throw LibraryErrors.failure("adding names")
            }
        }
        guard X509_sign(pointer, key.handle.pointer, key.handle.digest) > 0, X509_up_ref(pointer) == 1 else {
            throw LibraryErrors.failure("signing a certificate")
        }
        return try Certificate(taking: pointer)
    }
}
