/// What a server wants of its clients' certificates.
public enum ClientCertificates: Hashable, Sendable {
    case notAsked
    /// Clients must show one that an authority among these signed, else there is no connection.
    case required(PEMSource)
    /// Clients may show one. TLS proves only that they have its key: whether it is good, and for whom, decides whoever reads
    /// ``TLSSession/peerCertificate()``. So a refusal can be an answer that says why. The authorities are named to clients.
    case asked(PEMSource)
}
