public import ObjectModel

/// Bytes that are safe, and belong to no object yet.
public struct StoredContent: Sendable {
    /// Where they are.
    enum Place: Sendable {
        case file
        case inline([UInt8])
    }

    public let id: ContentID
    public let size: Int64
    let place: Place
    /// Of bytes that are hidden.
    let salt: String?
}
