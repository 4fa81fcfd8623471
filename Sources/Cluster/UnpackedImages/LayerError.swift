/// Why a layer was not unpacked.
public enum LayerError: Error, Hashable, Sendable {
    /// What it holds must not be unpacked, or cannot be read: what is wrong with it.
    case refused(String)
    /// Its bytes are not those that it was to have.
    case wrongDigest(expected: String, found: String)
    /// It has more than it may have: what, and the setting that says how much that is.
    case tooLarge(String, setting: String)
    /// The disk, or a limit on it, is full.
    case noRoom(String)
    /// A system call failed.
    case failed(String)
}

extension LayerError {
    /// Whether it comes again whenever the same image is fetched.
    var isOfImage: Bool {
        switch self {
        case .refused, .wrongDigest, .tooLarge: true
        case .noRoom, .failed: false
        }
    }
}

extension LayerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let what), .noRoom(let what), .failed(let what), .tooLarge(let what, _): what
        case .wrongDigest(let expected, let found):
            "its unpacked bytes are \(found), and were to be \(expected)"
        }
    }
}
