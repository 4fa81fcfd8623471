/// What the parser found next.
public enum HTTPParserEvent: Hashable, Sendable {
    /// Nothing whole is left: call again with the unused bytes and more after them.
    case needsMore
    /// A request starts. One without a body ends here, too: the next head follows.
    case head(HTTPRequestHead)
    /// A piece of the body: these offsets of the input, never empty.
    case body(Range<Int>)
    /// The body, and with it the request, ends.
    case end
}

/// Reads the requests of one connection: bytes in, events out; no input or output of its own.
///
/// Every head and every chunk line is read twice, by a strict inspector and by llhttp, which must agree. What comes out does not
/// depend on how the bytes were cut into pieces.
public final class HTTPRequestParser {
    private enum State {
        case head(HeadInspector)
        case fixed(left: Int64)
        case chunkLine(isFirst: Bool)
        case chunkData(left: Int64)
        case trailers(FieldSectionInspector)
        case failed(HTTPParseError)
    }

    public let limits: HTTPParserLimits
    private let machine = LLHTTPMachine()
    private var state = State.head(HeadInspector())

    public init(limits: HTTPParserLimits = HTTPParserLimits()) { self.limits = limits }

    /// The next event in `input`, and how many of its bytes are used up: pass the rest again, with what came since after it.
    ///
    /// Until a head, a chunk line or trailers are whole, nothing is used up; ``bufferedLimit`` bounds what that amounts to.
    /// After an error every further call throws it again.
    public func next(_ input: borrowing RawSpan) throws(HTTPParseError) -> (
        event: HTTPParserEvent, consumed: Int
    ) {
        var result: (HTTPParserEvent, Int)?
        var failure: HTTPParseError?
        input.withUnsafeBytes { bytes in
            do throws(HTTPParseError) {
                result = try next(bytes)
            } catch {
                failure = error
            }
        }
        if let failure {
            state = .failed(failure)
            throw failure
        }
        return result!
    }

    /// Whether a request has begun whose end has not been seen. Bytes that are not used up count.
    public var isInsideBody: Bool {
        if case .head = state { false } else { true }
    }

    /// The most bytes that can be left unused by ``HTTPParserEvent/needsMore``.
    public var bufferedLimit: Int { limits.targetBytes + limits.fieldBytes + 64 }

    private func next(_ input: UnsafeRawBufferPointer) throws(HTTPParseError) -> (HTTPParserEvent, Int) {
        switch state {
        case .head(var inspector):
            // Moved out and back: a copy of the inspector's array would be made at its first change.
            state = .chunkLine(isFirst: true)
            guard let end = try inspector.inspect(input, limits: limits) else {
                state = .head(inspector)
                return (.needsMore, 0)
            }
            return (.head(try finishHead(input, inspector, end)), end)
        case .fixed(let left):
            guard left > 0 else {
                state = .head(HeadInspector())
                return (.end, 0)
            }
            guard !input.isEmpty else { return (.needsMore, 0) }
            let count = Int(min(left, Int64(input.count)))
            state = .fixed(left: left - Int64(count))
            return (.body(0..<count), count)
        case .chunkLine(let isFirst):
            guard let line = try ChunkInspector.inspect(input, isFirst: isFirst, limits: limits) else {
                return (.needsMore, 0)
            }
            guard try !machine.readFraming(part(input, 0..<line.end)) else {
                throw .bad("the chunks end before the last one")
            }
            if line.size == 0 {
                state = .trailers(FieldSectionInspector(start: 0))
                return try advance(input, line.end)
            }
            state = .chunkData(left: line.size)
            return try advance(input, line.end)
        case .chunkData(let left):
            guard !input.isEmpty else { return (.needsMore, 0) }
            let count = Int(min(left, Int64(input.count)))
            try machine.readData(part(input, 0..<count))
            state = left == Int64(count) ? .chunkLine(isFirst: false) : .chunkData(left: left - Int64(count))
            return (.body(0..<count), count)
        case .trailers(var inspector):
            guard let end = try inspector.inspect(input, limits: limits) else {
                state = .trailers(inspector)
                return (.needsMore, 0)
            }
            guard try machine.readFraming(part(input, 0..<end)) else {
                throw .bad("the trailers do not end where they seem to")
            }
            state = .head(HeadInspector())
            return (.end, end)
        case .failed(let error): throw error
        }
    }

    /// Goes on behind the first `count` bytes, and counts them as used up.
    private func advance(
        _ input: UnsafeRawBufferPointer, _ count: Int
    ) throws(HTTPParseError) -> (HTTPParserEvent, Int) {
        switch try next(part(input, count..<input.count)) {
        case (.body(let range), let used):
            (.body(range.lowerBound + count..<range.upperBound + count), used + count)
        case (let event, let used): (event, used + count)
        }
    }

    private func finishHead(
        _ input: UnsafeRawBufferPointer, _ inspector: HeadInspector, _ end: Int
    ) throws(HTTPParseError) -> HTTPRequestHead {
        var reader = RequestReader(input, inspector)
        var head = try reader.read()
        let seen = try machine.readHead(part(input, 0..<end))
        head.isKeptAlive = seen.isKeptAlive
        let agree =
            switch head.body {
            case .none:
                !seen.isChunked && seen.contentLength == 0
            case .fixed(let length):
                !seen.isChunked && seen.contentLength == UInt64(length)
            case .chunked:
                seen.isChunked
            }
        guard agree else { throw .bad("the length of the body is not certain") }
        state =
            switch head.body {
            case .none: .head(HeadInspector())
            case .fixed(let length): .fixed(left: length)
            case .chunked: .chunkLine(isFirst: true)
            }
        return head
    }

    private func part(_ input: UnsafeRawBufferPointer, _ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: input[range])
    }
}
