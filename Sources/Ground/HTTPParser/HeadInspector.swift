import HTTPModel

/// Reads a request's head byte by byte, and finds its parts and its end; refuses what RFC 9112 forbids, and what it
/// lets servers forgive too.
struct HeadInspector {
    private enum State {
        case start
        case startLineFeed
        case method
        case target
        case version
        case versionLineFeed
        case fields
    }

    private(set) var method = 0..<0
    private(set) var target = 0..<0
    private(set) var minorVersion = 1
    var fields: [FieldSpan] { section.fields }

    private var state = State.start
    private var position = 0
    private var mark = 0
    private var emptyLines = 0
    private var section = FieldSectionInspector(start: 0)

    /// No registered method is longer than 17 bytes (`UPDATEREDIRECTREF`).
    private static let methodLimit = 32

    /// Reads on in `input`, which holds all bytes of the head so far. The offset behind the head, or nil for more.
    mutating func inspect(
        _ input: UnsafeRawBufferPointer, limits: HTTPParserLimits
    ) throws(HTTPParseError) -> Int? {
        while position < input.count {
            let byte = input[position]
            switch state {
            case .start:
                if byte == Octet.carriageReturn {
                    // RFC 9112, section 2.2: an empty line or two that an old client sent after a body.
                    guard emptyLines < 2 else { throw .bad("empty lines before the request") }
                    emptyLines += 1
                    state = .startLineFeed
                } else {
                    mark = position
                    state = .method
                    continue
                }
            case .startLineFeed:
                guard byte == Octet.lineFeed else { throw .bad("a bare CR before the request") }
                state = .start
            case .method:
                if byte == Octet.space, position > mark {
                    method = mark..<position
                    mark = position + 1
                    state = .target
                } else if !Octet.isToken(byte) {
                    throw .bad("\(Octet.name(byte)) in the method")
                } else if position - mark >= Self.methodLimit {
                    throw HTTPParseError(
                        .notImplemented, "the method is longer than \(Self.methodLimit) bytes")
                }
            case .target:
                if byte == Octet.space {
                    guard position > mark else { throw .bad("two spaces before the request target") }
                    target = mark..<position
                    mark = position + 1
                    state = .version
                } else if byte == Octet.carriageReturn {
                    throw .bad("the request line has no HTTP version")
                } else if !Octet.isTarget(byte) {
                    throw .bad("\(Octet.name(byte)) in the request target")
                } else if position - mark >= limits.targetBytes {
                    throw HTTPParseError(
                        .uriTooLong, "the request target is longer than \(limits.targetBytes) bytes")
                }
            case .version:
                if position - mark == 8 {
                    guard byte == Octet.carriageReturn else {
                        throw .bad("\(Octet.name(byte)) after the HTTP version")
                    }
                    try checkVersion(input)
                    state = .versionLineFeed
                } else {
                    try checkVersionByte(byte, at: position - mark)
                }
            case .versionLineFeed:
                guard byte == Octet.lineFeed else { throw .bad("a bare CR after the HTTP version") }
                section = FieldSectionInspector(start: position + 1)
                state = .fields
            case .fields:
                return try section.inspect(input, limits: limits)
            }
            position += 1
        }
        return nil
    }

    private func checkVersionByte(_ byte: UInt8, at index: Int) throws(HTTPParseError) {
        let fits =
            switch index {
            case 0, 1...2, 3: byte == [0x48, 0x54, 0x54, 0x50][index]
            case 4: byte == 0x2F
            case 6: byte == 0x2E
            default: Octet.isDigit(byte)
            }
        guard fits else { throw .bad("\(Octet.name(byte)) in the HTTP version") }
    }

    private mutating func checkVersion(_ input: UnsafeRawBufferPointer) throws(HTTPParseError) {
        let major = input[mark + 5]
        let minor = input[mark + 7]
        guard major == 0x31, minor <= 0x31 else {
            let version = "\(major - 0x30).\(minor - 0x30)"
            throw HTTPParseError(.versionNotSupported, "HTTP/\(version) is not spoken here, HTTP/1.1 is")
        }
        minorVersion = Int(minor - 0x30)
    }
}
