/// Bytes that are no message, and where.
public struct ProtobufError: Error, Hashable, Sendable {
    /// What is wrong with them.
    public enum Cause: Hashable, Sendable {
        /// A value goes on beyond the end of its message.
        case truncated
        /// A variable-length number has more than ten bytes.
        case longNumber
        /// A field has the number 0 or one above 536,870,911, or a kind that does not exist.
        case invalidTag
        /// A string is not UTF-8.
        case invalidText
        /// A group ends that has not begun, or with another number than it began with.
        case unmatchedGroup
        /// Messages lie in one another deeper than the limit allows.
        case tooDeep
        /// The whole has more bytes than the limit.
        case tooLarge(limit: Int)
    }

    public var cause: Cause
    /// The byte that the field at fault begins at.
    public var offset: Int
    /// The number of that field in its message, innermost; nil where it could not be read.
    public var field: Int?

    public init(_ cause: Cause, offset: Int, field: Int?) {
        self.cause = cause
        self.offset = offset
        self.field = field
    }
}

extension ProtobufError: CustomStringConvertible {
    public var description: String {
        let what =
            switch cause {
            case .truncated: "its value goes on beyond the end of the message"
            case .longNumber: "a number has more than ten bytes"
            case .invalidTag: "no such field can exist: its number or kind is wrong"
            case .invalidText: "its text is not UTF-8"
            case .unmatchedGroup: "a group ends that has not begun"
            case .tooDeep: "messages are nested too deeply"
            case .tooLarge(let limit): "it has more than \(limit) bytes"
            }
        if case .tooLarge = cause { return "the message is not valid protobuf: \(what)" }
        let place = field.map { "field \($0), at byte \(offset)" } ?? "byte \(offset)"
        return "the message is not valid protobuf: \(place): \(what)"
    }
}
