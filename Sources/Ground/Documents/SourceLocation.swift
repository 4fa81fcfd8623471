/// A place in a text: line and column count from 1, columns in bytes.
public struct SourceLocation: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place of the byte at `offset`.
    init(of offset: Int, in bytes: ArraySlice<UInt8>) {
        let before = bytes.prefix(upTo: min(offset, bytes.endIndex))
        let newline = UInt8(ascii: "\n")
        line = before.reduce(1) { $1 == newline ? $0 + 1 : $0 }
        column = before.endIndex - (before.lastIndex(of: newline).map { $0 + 1 } ?? before.startIndex) + 1
    }

    public static func < (a: SourceLocation, b: SourceLocation) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }

    /// `line:column`.
    public var description: String { "\(line):\(column)" }
}
