import CSSL
import Core
import Glibc

/// Where a certificate or a key comes from: text in the PEM format.
public enum PEMSource: Hashable, Sendable {
    case file(String)
    case text(String)

    /// The text, with its name for errors.
    func read(_ what: String) throws(TLSError) -> (name: String, bytes: [UInt8]) {
        switch self {
        case .text(let text): return (what, Array(text.utf8))
        case .file(let path):
            let name = "\(what) '\(path)'"
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw .configuration("cannot open the \(name): \(String(cString: strerror(errno)))")
            }
            defer { close(descriptor) }
            // A chain is a few kilobytes; a megabyte is something else.
            let limit = 1 << 20
            var bytes: [UInt8] = []
            while true {
                var piece = [UInt8](repeating: 0, count: 16384)
                let count = Glibc.read(descriptor, &piece, piece.count)
                guard count >= 0 else {
                    throw .configuration("cannot read the \(name): \(String(cString: strerror(errno)))")
                }
                guard count > 0 else { return (name, bytes) }
                bytes += piece[..<count]
                guard bytes.count <= limit else {
                    throw .configuration("the \(name) is larger than 1 MiB")
                }
            }
        }
    }
}

/// PEM text as OpenSSL reads it.
struct PEMReader: ~Copyable {
    private let bio: OpaquePointer
    // The BIO reads in place.
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ text: [UInt8]) throws(TLSError) {
        bytes = .allocate(capacity: max(1, text.count))
        _ = bytes.initialize(from: text)
        guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(text.count)) else {
            bytes.deallocate()
            throw .configuration("out of memory")
        }
        self.bio = bio
    }

    deinit {
        BIO_free(bio)
        bytes.deallocate()
    }

    /// Calls `body` with each certificate in turn, and returns how many there were.
    func forEachCertificate(
        of name: String, _ body: (OpaquePointer, _ index: Int) throws(TLSError) -> Void
    ) throws(TLSError) -> Int {
        var count = 0
        while true {
            OpenSSLErrors.clear()
            guard let certificate = capollo_tls_read_certificate(bio) else {
                guard capollo_tls_is_end_of_pem(ERR_peek_last_error()) != 0 else {
                    throw .configuration("the \(name) is damaged: \(OpenSSLErrors.take())")
                }
                OpenSSLErrors.clear()
                return count
            }
            defer { X509_free(certificate) }
            try body(certificate, count)
            count += 1
        }
    }

    /// The private key; the caller frees it.
    func key(of name: String) throws(TLSError) -> OpaquePointer {
        OpenSSLErrors.clear()
        guard let key = capollo_tls_read_key(bio) else {
            throw .configuration(
                "the \(name) is not a private key without a password: \(OpenSSLErrors.take())")
        }
        return key
    }
}

extension PEMSource {
    /// The whole text, for libraries that read PEM themselves; `what` names it in errors.
    package func text(_ what: String) throws(TLSError) -> String {
        String(decoding: try read(what).bytes, as: UTF8.self)
    }
}
