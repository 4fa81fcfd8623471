import HTTPModel

/// Where a field line's parts lie in the input, as offsets.
struct FieldSpan {
    var name: Range<Int>
    /// Without the white space around it.
    var value: Range<Int>
}

/// Reads field lines up to the empty line that ends them, and lets nothing pass that two readers could understand in
/// two ways: RFC 9112, section 5, without every leniency that it allows.
///
/// Goes on where it stopped, so that a head that trickles in is read once.
struct FieldSectionInspector {
    private enum State {
        case lineStart
        case name
        case beforeValue
        case value
        case lineFeed
        case lastLineFeed
    }

    private(set) var fields: [FieldSpan] = []
    private var state = State.lineStart
    private var position: Int
    private let start: Int
    private var nameStart = 0
    private var nameEnd = 0
    private var valueStart = 0
    private var valueEnd = 0

    /// A section that starts at `start`.
    init(start: Int) {
        self.start = start
        position = start
    }

    /// Reads on in `input`, which holds all bytes so far. The offset behind the section, or nil for more.
    mutating func inspect(
        _ input: UnsafeRawBufferPointer, limits: HTTPParserLimits
    ) throws(HTTPParseError) -> Int? {
        let limit = limits.fieldBytes + 2
        while position < input.count {
            guard position - start < limit else {
                throw HTTPParseError(
                    .headerFieldsTooLarge, "the fields are longer than \(limits.fieldBytes) bytes")
            }
            let byte = input[position]
            switch state {
            case .lineStart:
                if byte == Octet.carriageReturn {
                    state = .lastLineFeed
                } else if byte == Octet.space || byte == Octet.tab {
                    throw .bad("a field line starts with white space (obsolete folding)")
                } else if fields.count == limits.fieldCount {
                    throw HTTPParseError(
                        .headerFieldsTooLarge, "more than \(limits.fieldCount) fields")
                } else {
                    nameStart = position
                    state = .name
                    continue
                }
            case .name:
                if byte == Octet.colon {
                    guard position > nameStart else { throw .bad("a field has no name") }
                    nameEnd = position
                    state = .beforeValue
                } else if !Octet.isToken(byte) {
                    throw .bad("\(Octet.name(byte)) in a field's name")
                }
            case .beforeValue:
                if byte != Octet.space && byte != Octet.tab {
                    valueStart = position
                    valueEnd = position
                    state = .value
                    continue
                }
            case .value:
                skipValue(input, limit: start + limit)
                guard position < input.count, position - start < limit else { continue }
                guard input[position] == Octet.carriageReturn else {
                    throw .bad("\(Octet.name(input[position])) in a field's value")
                }
                state = .lineFeed
            case .lineFeed:
                guard byte == Octet.lineFeed else { throw .bad("a bare CR in a field's value") }
                fields.append(FieldSpan(name: nameStart..<nameEnd, value: valueStart..<valueEnd))
                state = .lineStart
            case .lastLineFeed:
                guard byte == Octet.lineFeed else { throw .bad("a bare CR after the fields") }
                return position + 1
            }
            position += 1
        }
        return nil
    }

    /// Moves on to the first byte that is not a value's, remembering where the last visible one was.
    @inline(__always)
    private mutating func skipValue(_ input: UnsafeRawBufferPointer, limit: Int) {
        let end = min(input.count, limit)
        while position < end {
            let byte = input[position]
            guard Octet.isValue(byte) else { return }
            position += 1
            if byte != Octet.space && byte != Octet.tab { valueEnd = position }
        }
    }
}
