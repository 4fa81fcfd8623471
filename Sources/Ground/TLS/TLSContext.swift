import CSSL
import Synchronization

/// What one end of TLS connections knows: its certificate and key, whom it trusts, what it speaks. Shared by its sessions.
///
/// TLS 1.2 and 1.3, with forward secrecy and authenticated encryption alone.
public final class TLSContext: Sendable {
    /// A certificate chain, the own certificate first, and its private key.
    public struct Identity: Hashable, Sendable {
        public var certificates: PEMSource
        public var key: PEMSource

        public init(certificates: PEMSource, key: PEMSource) {
            self.certificates = certificates
            self.key = key
        }
    }

    /// A version of the protocol.
    public enum Version: Sendable {
        case tls12
        case tls13

        fileprivate var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
    }

    // Never changed once made, and counted by OpenSSL itself.
    nonisolated(unsafe) let pointer: OpaquePointer
    let isServer: Bool
    /// The application protocols in the form of RFC 7301, which OpenSSL's callback reads.
    private let protocols: ProtocolList

    /// A server's end. With `clientAuthorities`, clients must show a certificate that one of them signed.
    ///
    /// A client that offers application protocols, and none of `protocols`, is refused.
    public static func server(
        _ identity: Identity, protocols: [String] = ["http/1.1"], clientAuthorities: PEMSource? = nil
    ) throws(TLSError) -> TLSContext {
        try server(
            identity, protocols: protocols, clients: clientAuthorities.map { .required($0) } ?? .notAsked)
    }

    /// A server's end that asks its clients for certificates as `clients` says.
    public static func server(
        _ identity: Identity, protocols: [String] = ["http/1.1"], clients: ClientCertificates
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(isServer: true, protocols: protocols)
        try context.use(identity)
        switch clients {
        case .notAsked: break
        case .required(let authorities):
            try context.trust(authorities)
            SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        case .asked(let authorities):
            try context.name(authorities)
            capollo_tls_accept_any_client(context.pointer)
        }
        return context
    }

    /// A client's end, which trusts `authorities`, or those of the system, and always checks the server's name.
    public static func client(
        authorities: PEMSource? = nil, identity: Identity? = nil, protocols: [String] = ["http/1.1"],
        maximum: Version = .tls13
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(isServer: false, protocols: protocols)
        guard capollo_tls_set_maximum(context.pointer, maximum.number) == 1 else {
            throw .configuration("cannot set up TLS: \(OpenSSLErrors.take())")
        }
        if let authorities {
            try context.trust(authorities)
        } else if SSL_CTX_set_default_verify_paths(context.pointer) != 1 {
            throw .configuration("cannot read the system's certificate authorities: \(OpenSSLErrors.take())")
        }
        if let identity { try context.use(identity) }
        SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
        return context
    }

    private init(isServer: Bool, protocols: [String]) throws(TLSError) {
        self.isServer = isServer
        self.protocols = try ProtocolList(protocols)
        guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw .configuration("cannot set up TLS: \(OpenSSLErrors.take())")
        }
        self.pointer = pointer
        capollo_tls_configure(pointer)
        guard capollo_tls_set_minimum(pointer, TLS1_2_VERSION) == 1,
            SSL_CTX_set_cipher_list(pointer, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
        else { throw .configuration("cannot set up TLS: \(OpenSSLErrors.take())") }
        setProtocols()
    }

    deinit { SSL_CTX_free(pointer) }

    private func use(_ identity: Identity) throws(TLSError) {
        let pointer = self.pointer
        let (name, bytes) = try identity.certificates.read("certificate")
        let count = try PEMReader(bytes).forEachCertificate(of: name) { certificate, index throws(TLSError) in
            let added =
                index == 0
                ? SSL_CTX_use_certificate(pointer, certificate) : capollo_tls_add_chain(pointer, certificate)
            guard added == 1 else { throw .configuration("cannot use the \(name): \(OpenSSLErrors.take())") }
        }
        guard count > 0 else { throw .configuration("the \(name) holds no certificate in PEM form") }
        let (keyName, keyBytes) = try identity.key.read("key")
        let key = try PEMReader(keyBytes).key(of: keyName)
        defer { EVP_PKEY_free(key) }
        OpenSSLErrors.clear()
        guard SSL_CTX_use_PrivateKey(pointer, key) == 1, SSL_CTX_check_private_key(pointer) == 1 else {
            throw .configuration("the \(keyName) does not belong to the \(name): \(OpenSSLErrors.take())")
        }
    }

    private func trust(_ authorities: PEMSource) throws(TLSError) {
        let (name, bytes) = try authorities.read("certificate authority")
        let store = SSL_CTX_get_cert_store(pointer)
        let count = try PEMReader(bytes).forEachCertificate(of: name) { certificate, _ throws(TLSError) in
            guard X509_STORE_add_cert(store, certificate) == 1 else {
                throw .configuration("cannot use the \(name): \(OpenSSLErrors.take())")
            }
        }
        guard count > 0 else { throw .configuration("the \(name) holds no certificate in PEM form") }
    }

    /// Tells clients which authorities' certificates are meant, so that those that have others show none.
    private func name(_ authorities: PEMSource) throws(TLSError) {
        let pointer = self.pointer
        let (name, bytes) = try authorities.read("certificate authority")
        let count = try PEMReader(bytes).forEachCertificate(of: name) { certificate, _ throws(TLSError) in
            guard SSL_CTX_add_client_CA(pointer, certificate) == 1 else {
                throw .configuration("cannot use the \(name): \(OpenSSLErrors.take())")
            }
        }
        guard count > 0 else { throw .configuration("the \(name) holds no certificate in PEM form") }
    }

    private func setProtocols() {
        guard isServer else {
            SSL_CTX_set_alpn_protos(pointer, protocols.bytes, UInt32(protocols.count))
            return
        }
        // The list lives as long as the context, and the context as long as its sessions.
        SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, chosen, chosenLength, offered, offeredLength, list in
                let list = Unmanaged<ProtocolList>.fromOpaque(list!).takeUnretainedValue()
                var found: UnsafeMutablePointer<UInt8>?
                let result = SSL_select_next_proto(
                    &found, chosenLength, list.bytes, UInt32(list.count), offered, offeredLength)
                guard result == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                chosen?.pointee = UnsafePointer(found)
                return SSL_TLSEXT_ERR_OK
            }, Unmanaged.passUnretained(protocols).toOpaque())
    }
}

/// Application protocols, each with its length before it.
private final class ProtocolList: Sendable {
    nonisolated(unsafe) let bytes: UnsafeMutablePointer<UInt8>
    let count: Int

    init(_ protocols: [String]) throws(TLSError) {
        var list: [UInt8] = []
        for name in protocols {
            guard (1...255).contains(name.utf8.count) else {
                throw .configuration("the application protocol '\(name)' is not 1 to 255 bytes long")
            }
            list.append(UInt8(name.utf8.count))
            list += name.utf8
        }
        count = list.count
        bytes = .allocate(capacity: max(1, list.count))
        bytes.update(from: list, count: list.count)
    }

    deinit { bytes.deallocate() }
}
