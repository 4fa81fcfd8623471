/// Whom a peer's certificate names, checked against the authorities that are trusted.
public struct RPCPeerIdentity: Hashable, Sendable {
    /// The common name of its subject.
    public var commonName: String?
    /// The URIs among its alternative names, such as `node://local/01hzy3m8k2w7q4v9x0ab`.
    public var uris: [String]
    public var dnsNames: [String]
    /// The certificate itself, in PEM.
    public var certificate: String

    public init(commonName: String?, uris: [String], dnsNames: [String], certificate: String) {
        self.commonName = commonName
        self.uris = uris
        self.dnsNames = dnsNames
        self.certificate = certificate
    }
}
