import CSSL

/// One TLS connection: bytes in, bytes out. It never touches a socket, and keeps no bytes but those of a record that is not
/// whole yet.
public struct TLSSession: ~Copyable {
    /// What one call did.
    public struct Step: Hashable, Sendable {
        /// Bytes of the input that are used up. The rest is to be passed again.
        public var consumed = 0
        /// Bytes of plaintext written to the place for them, or taken from it.
        public var plaintext = 0
        /// Bytes for the peer written to the place for them.
        public var produced = 0
        /// Whether a handshake is over; whether the peer ended the connection, for a read.
        public var isFinished = false

        public init() {}
    }

    /// What the last call wrote to its output.
    public private(set) var alertBytes = 0

    private let ssl: OpaquePointer
    private let context: TLSContext
    private let bytes: UnsafeMutablePointer<capollo_tls_bytes>

    nonisolated(unsafe) private static let method = capollo_tls_bio_method()

    /// A session of `context`. A client's needs `host`: the name or address that the server's certificate must bear.
    public init(_ context: TLSContext, host: String? = nil) throws(TLSError) {
        self.context = context
        bytes = .allocate(capacity: 1)
        bytes.initialize(to: capollo_tls_bytes())
        do throws(TLSError) {
            ssl = try Self.make(context, host, bytes)
        } catch {
            bytes.deallocate()
            throw error
        }
    }

    private static func make(
        _ context: TLSContext, _ host: String?, _ bytes: UnsafeMutablePointer<capollo_tls_bytes>
    ) throws(TLSError) -> OpaquePointer {
        guard let ssl = SSL_new(context.pointer) else { throw .broken(OpenSSLErrors.take()) }
        guard capollo_tls_attach(ssl, method, bytes) == 1 else {
            SSL_free(ssl)
            throw .broken("out of memory")
        }
        if context.isServer {
            SSL_set_accept_state(ssl)
            return ssl
        }
        guard let host, capollo_tls_set_host(ssl, host) == 1 else {
            SSL_free(ssl)
            throw .configuration("a TLS client needs the name of the host it connects to")
        }
        SSL_set_connect_state(ssl)
        return ssl
    }

    deinit {
        SSL_free(ssl)
        bytes.deallocate()
    }

    /// Goes on with the handshake. Send what it produced; when the output is full, call again once it is sent. After an error
    /// send the first ``alertBytes`` of the output, which tell the peer why.
    public mutating func handshake(
        _ input: borrowing RawSpan, output: inout MutableRawSpan
    ) throws(TLSError) -> Step {
        let (result, step) = call(input, &output) { SSL_do_handshake($0) }
        var finished = step
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_NONE: finished.isFinished = true
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
        default: throw .handshake(handshakeReason())
        }
        return finished
    }

    /// Decrypts what it can of `input` into `plaintext`. Call again, with the rest of the input or with none, until no plaintext
    /// comes. Also answers the peer in `output`, which may happen at any time.
    public mutating func open(
        _ input: borrowing RawSpan, into plaintext: inout MutableRawSpan, output: inout MutableRawSpan
    ) throws(TLSError) -> Step {
        var (result, step) = call(input, &output) { ssl in
            plaintext.withUnsafeMutableBytes { SSL_read(ssl, $0.baseAddress, Int32(clamping: $0.count)) }
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_NONE: step.plaintext = Int(result)
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
        case SSL_ERROR_ZERO_RETURN: step.isFinished = true
        default: throw .broken(OpenSSLErrors.take())
        }
        return step
    }

    /// Encrypts what finds room: at most 16 KiB, which with a record's own bytes need 22 bytes more in TLS 1.3 and up to 29 in 1.2.
    public mutating func seal(
        _ plaintext: borrowing RawSpan, into output: inout MutableRawSpan
    ) throws(TLSError) -> Step {
        guard plaintext.byteCount > 0 else { return Step() }
        let nothing = RawSpan()
        var (result, step) = call(nothing, &output) { ssl in
            plaintext.withUnsafeBytes { SSL_write(ssl, $0.baseAddress, Int32(clamping: $0.count)) }
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_NONE: step.plaintext = Int(result)
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
        case SSL_ERROR_ZERO_RETURN: throw .closed
        default: throw .broken(OpenSSLErrors.take())
        }
        return step
    }

    /// Ends the own direction: writes the closing alert.
    public mutating func close(output: inout MutableRawSpan) -> Step {
        let (_, step) = call(RawSpan(), &output) { SSL_shutdown($0) }
        OpenSSLErrors.clear()
        return step
    }

    /// The protocol's version, such as `TLSv1.3`.
    public var version: String { String(cString: SSL_get_version(ssl)) }

    /// The certificate that the peer has shown, in DER; nil for none. Known once the handshake is over.
    public func peerCertificate() -> [UInt8]? {
        var count: Int32 = 0
        guard let bytes = capollo_tls_peer_certificate(ssl, &count) else {
            OpenSSLErrors.clear()
            return nil
        }
        defer { capollo_tls_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    /// The application protocol agreed on, if any.
    public var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        guard let name, length > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// Lends the input and the output to OpenSSL for one call.
    private mutating func call(
        _ input: borrowing RawSpan, _ output: inout MutableRawSpan, _ body: (OpaquePointer) -> Int32
    ) -> (Int32, Step) {
        OpenSSLErrors.clear()
        let (result, step) = input.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { output in
                bytes.pointee.input = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
                bytes.pointee.input_length = input.count
                bytes.pointee.output = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                bytes.pointee.output_capacity = output.count
                bytes.pointee.output_length = 0
                let result = body(ssl)
                var step = Step()
                step.consumed = input.count - bytes.pointee.input_length
                step.produced = bytes.pointee.output_length
                bytes.pointee = capollo_tls_bytes()
                return (result, step)
            }
        }
        alertBytes = step.produced
        return (result, step)
    }

    private func handshakeReason() -> String {
        let verification = SSL_get_verify_result(ssl)
        let reason = OpenSSLErrors.take()
        guard verification != X509_V_OK, let text = X509_verify_cert_error_string(verification) else {
            return reason
        }
        return "\(reason): \(String(cString: text))"
    }
}
