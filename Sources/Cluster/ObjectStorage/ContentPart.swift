/// Some bytes of an object: read, or checked just now where they are.
public enum ContentPart: Sendable {
    case bytes([UInt8])
    case file(BlobReader, Range<Int64>)

    public var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(_, let range): range.count
        }
    }
}
