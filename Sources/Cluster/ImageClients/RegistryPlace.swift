public import ImageModel

/// Which registry is asked, and how it is told who asks.
public enum RegistryPlace: Hashable, Sendable {
    /// One that is known by its host: where it answers and what name and password are for it follows from that.
    case host(RegistryHost)
    /// One at an address, `http://127.0.0.1:7070`, with one proof of who asks, such as the platform's own: what `Authorization`
    /// says, nil for nothing.
    case address(String, authorization: String?)
}

/// For messages, without the proof.
extension RegistryPlace: CustomStringConvertible {
    public var description: String {
        switch self {
        case .host(let host): host.description
        case .address: "the registry"
        }
    }
}
