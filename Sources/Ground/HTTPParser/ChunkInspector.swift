/// Reads the line before a chunk: the end of the data before it, its size and its extensions (RFC 9112, section 7.1).
enum ChunkInspector {
    struct Line {
        /// Bytes of data that follow; 0 for the last chunk.
        var size: Int64
        /// The offset behind the line.
        var end: Int
    }

    /// 15 digits hold more than any file system does, and never overflow.
    private static let digitLimit = 15

    /// Reads the whole of the line at the start of `input`, or returns nil for more bytes. `isFirst` where no chunk's data
    /// lies before it.
    static func inspect(
        _ input: UnsafeRawBufferPointer, isFirst: Bool, limits: HTTPParserLimits
    ) throws(HTTPParseError) -> Line? {
        var position = 0
        if !isFirst {
            for expected in [Octet.carriageReturn, Octet.lineFeed] {
                guard position < input.count else { return nil }
                guard input[position] == expected else {
                    throw .bad("\(Octet.name(input[position])) where a chunk's data should end with CRLF")
                }
                position += 1
            }
        }
        let start = position
        var size: Int64 = 0
        while position < input.count, let digit = Octet.hexadecimal(input[position]) {
            guard position - start < digitLimit else { throw .bad("a chunk's size has too many digits") }
            size = size << 4 | Int64(digit)
            position += 1
        }
        guard position < input.count else { return nil }
        guard position > start else {
            throw .bad("\(Octet.name(input[position])) where a chunk's size should be")
        }
        if input[position] == Octet.semicolon {
            while position < input.count, Octet.isValue(input[position]) {
                guard position - start < limits.chunkLineBytes else {
                    throw .bad("a chunk's extensions are longer than \(limits.chunkLineBytes) bytes")
                }
                position += 1
            }
            guard position < input.count else { return nil }
        }
        guard input[position] == Octet.carriageReturn else {
            throw .bad("\(Octet.name(input[position])) in a chunk's size")
        }
        guard position + 1 < input.count else { return nil }
        guard input[position + 1] == Octet.lineFeed else { throw .bad("a bare CR in a chunk's line") }
        return Line(size: size, end: position + 2)
    }
}
