import CX509

/// OpenSSL's stream over bytes in memory.
struct MemoryBIO: ~Copyable {
    /// A chain is a few kilobytes; a megabyte is something else.
    static let limit = 1 << 20

    let pointer: OpaquePointer
    // The stream reads in place.
    private let source: UnsafeMutableBufferPointer<UInt8>

    /// To write to.
    init() throws(CertificateError) { try self.init(BIO_new(BIO_s_mem()), .allocate(capacity: 1)) }

    /// To read `bytes` from.
    init(reading bytes: [UInt8], of what: String) throws(CertificateError) {
        guard bytes.count <= Self.limit else { throw .malformed("the \(what) is larger than 1 MiB") }
        let source = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
        _ = source.initialize(from: bytes)
        try self.init(BIO_new_mem_buf(source.baseAddress, Int32(bytes.count)), source)
    }

    /// Takes both over, and frees `source` where there is no stream.
    private init(
        _ pointer: OpaquePointer?, _ source: UnsafeMutableBufferPointer<UInt8>
    ) throws(CertificateError) {
        guard let pointer else {
            source.deallocate()
            throw .failed("out of memory")
        }
        self.pointer = pointer
        self.source = source
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
