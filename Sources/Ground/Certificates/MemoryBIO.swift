import CX509

/// OpenSSL's stream over bytes in memory.
struct MemoryBIO: ~Copyable {
    /// A chain is a few kilobytes; a megabyte is something else.
    static let limit = 1 << 20

    let pointer: OpaquePointer
    // The stream reads in place.
    private let source: UnsafeMutableBufferPointer<UInt8>

    /// To write to.
    init() throws(CertificateError) {
        guard let pointer = BIO_new(BIO_s_mem()) else { throw .failed("out of memory") }
        self.pointer = pointer
        source = .allocate(capacity: 1)
    }

    /// To read `bytes` from.
    init(reading bytes: [UInt8], of what: String) throws(CertificateError) {
        guard bytes.count <= Self.limit else { throw .malformed("the \(what) is larger than 1 MiB") }
        source = .allocate(capacity: max(1, bytes.count))
        _ = source.initialize(from: bytes)
        guard let pointer = BIO_new_mem_buf(source.baseAddress, Int32(bytes.count)) else {
            source.deallocate()
            throw .failed("out of memory")
        }
        self.pointer = pointer
    }

    deinit {
        BIO_free(pointer)
        source.deallocate()
    }

    /// What was written.
    var bytes: [UInt8] {
        var start: UnsafePointer<UInt8>?
        let count = capollo_x509_bio_bytes(pointer, &start)
        return Array(UnsafeBufferPointer(start: start, count: max(0, count)))
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
