/// How much of a request the parser takes before it refuses the rest.
public struct HTTPParserLimits: Hashable, Sendable {
    /// Bytes of a request target; a longer one is a 414.
    public var targetBytes: Int
    /// Field lines, of a head or of trailers; more are a 431.
    public var fieldCount: Int
    /// Bytes of all field lines with their ends, of a head or of trailers; more are a 431.
    public var fieldBytes: Int
    /// Bytes of a chunk's line: its size and its extensions; more are a 400.
    public var chunkLineBytes: Int

    public init(
        targetBytes: Int = 8192, fieldCount: Int = 100, fieldBytes: Int = 16384, chunkLineBytes: Int = 256
    ) {
        self.targetBytes = targetBytes
        self.fieldCount = fieldCount
        self.fieldBytes = fieldBytes
        self.chunkLineBytes = chunkLineBytes
    }
}
