/// By whose key the bytes of an object are hidden on the disk.
public enum ObjectEncryption: Hashable, Sendable, Codable {
    /// By one of the platform's.
    case platform
    /// By one of the platform's that clients tell apart by a name.
    case named(String)
    /// By one that its client keeps, and sends with every request; the MD5 of it, in base 64.
    case customer(digest: String)
}
