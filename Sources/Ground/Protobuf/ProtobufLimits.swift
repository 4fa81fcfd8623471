/// How much a reader takes before it refuses the rest.
public struct ProtobufLimits: Hashable, Sendable {
    /// Bytes of a whole message.
    public var bytes: Int
    /// Messages and groups that lie in one another, below the outermost; 100 is what Google's readers take.
    public var depth: Int

    public init(bytes: Int = 64 << 20, depth: Int = 100) {
        self.bytes = bytes
        self.depth = depth
    }
}
