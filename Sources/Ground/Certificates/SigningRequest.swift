import CX509

/// A request for a certificate (PKCS #10, RFC 2986): a public key, names, and the proof of having the private key.
///
/// Who asks, and what for, does not follow from it: an authority decides what it signs, and takes the key alone.
public struct SigningRequest: Sendable {
    /// The names it would like; an authority need not care.
    public let names: [AlternativeName]
    public let der: [UInt8]
    let key: KeyHandle

    /// Makes one for `key`.
    public static func make(
        for key: PrivateKey, names: [AlternativeName] = []
    ) throws(CertificateError) -> SigningRequest {
        guard let request = X509_REQ_new() else { throw .failed("out of memory") }
        let owned = RequestHandle(request)
        guard X509_REQ_set_version(request, Int(X509_REQ_VERSION_1)) == 1,
            X509_REQ_set_pubkey(request, key.handle.pointer) == 1
        else { throw LibraryErrors.failure("making a request for a certificate") }
        if !names.isEmpty {
            let list = try NameList.make(names)
            guard capollo_x509_request_add_names(request, list.pointer) == 1 else {
                throw LibraryErrors.failure("adding names")
            }
        }
        guard X509_REQ_sign(request, key.handle.pointer, key.handle.digest) > 0 else {
            throw LibraryErrors.failure("signing a request")
        }
        return try SigningRequest(owned)
    }

    /// Reads one in PEM form, and checks that whoever made it has the key.
    public init(pem: [UInt8]) throws(CertificateError) {
        LibraryErrors.clear()
        let stream = try MemoryBIO(reading: pem, of: "request for a certificate")
        guard let request = capollo_x509_read_request(stream.pointer) else {
            throw .malformed("this is no request for a certificate in PEM form: \(LibraryErrors.take())")
        }
        try self.init(RequestHandle(request))
    }

    private init(_ request: borrowing RequestHandle) throws(CertificateError) {
        guard let key = X509_REQ_get_pubkey(request.pointer) else {
            throw .malformed("the request for a certificate has no key: \(LibraryErrors.take())")
        }
        self.key = KeyHandle(key)
        guard capollo_x509_is_strong(key) == 1 else { throw .malformed(KeyHandle.weak) }
        guard X509_REQ_verify(request.pointer, key) == 1 else {
            LibraryErrors.clear()
            throw .malformed("the request for a certificate is not signed by its own key")
        }
        names = NameList.read(capollo_x509_request_names(request.pointer))
        let stream = try MemoryBIO()
        guard i2d_X509_REQ_bio(stream.pointer, request.pointer) == 1 else {
            throw LibraryErrors.failure("writing a request")
        }
        der = stream.bytes
    }

    public func pem() throws(CertificateError) -> String {
        var position: UnsafePointer<UInt8>? = nil
        let request = der.withUnsafeBufferPointer { bytes in
            position = bytes.baseAddress
            return d2i_X509_REQ(nil, &position, bytes.count)
        }
        guard let request else { throw LibraryErrors.failure("writing a request") }
        let owned = RequestHandle(request)
        let stream = try MemoryBIO()
        guard PEM_write_bio_X509_REQ(stream.pointer, owned.pointer) == 1 else {
            throw LibraryErrors.failure("writing a request")
        }
        return stream.text
    }
}

private struct RequestHandle: ~Copyable {
    let pointer: OpaquePointer

    /// Takes `pointer` over.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_REQ_free(pointer) }
}
