/// Cuts a stream of bytes into lines as they come. Pure: give it the pieces of a body in order.
///
/// For JSON lines and the like. Lines end with LF, CR LF, or both of CR and LF where `splitsAtCarriageReturn`.
public struct LineDecoder: Sendable {
    /// The longest line, its end not counted.
    public let limit: Int
    private let splitsAtCarriageReturn: Bool
    private var partial: [UInt8] = []
    /// The line before ended with a CR: a LF that follows belongs to it.
    private var swallowsLineFeed = false

    public enum Failure: Error, Hashable, Sendable { case tooLong(limit: Int) }

    public init(limit: Int = 1 << 20, splitsAtCarriageReturn: Bool = false) {
        self.limit = limit
        self.splitsAtCarriageReturn = splitsAtCarriageReturn
    }

    /// The lines that `bytes` completes, without their ends.
    public mutating func decode(_ bytes: [UInt8]) throws(Failure) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        if swallowsLineFeed, let first = rest.first {
            swallowsLineFeed = false
            if first == 10 { rest.removeFirst() }
        }
        while let end = rest.firstIndex(where: { $0 == 10 || ($0 == 13 && splitsAtCarriageReturn) }) {
            try append(rest[..<end])
            if rest[end] == 10, !splitsAtCarriageReturn, partial.last == 13 { partial.removeLast() }
            lines.append(partial)
            partial = []
            let isCarriageReturn = rest[end] == 13
            rest = rest[(end + 1)...]
            guard isCarriageReturn else { continue }
            if rest.isEmpty { swallowsLineFeed = true } else if rest.first == 10 { rest.removeFirst() }
        }
        try append(rest)
        return lines
    }

    /// The last line where nothing ended it; nil where there is none.
    public mutating func finish() -> [UInt8]? {
        defer { partial = [] }
        return partial.isEmpty ? nil : partial
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) throws(Failure) {
        guard partial.count + bytes.count <= limit else { throw .tooLong(limit: limit) }
        partial += bytes
    }
}
