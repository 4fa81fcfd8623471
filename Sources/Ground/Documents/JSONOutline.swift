import FoundationEssentials

/// What a first pass over a JSON text finds: the kind and place of each value in the order of the text, and each
/// object's keys.
///
/// Foundation's decoder keeps no order of keys, drops repeated ones, lets a comma stand before a bracket, does not say
/// where a text is wrong, and says what a value is only by failing on what it is not. This pass makes up for that, and
/// refuses depth before any recursion starts. The insides of strings and numbers it leaves to Foundation.
struct JSONOutline {
    enum Kind {
        case object(keys: [String])
        case array, string, integer, fraction, bool, null
    }

    struct Node {
        var kind: Kind
        /// The index of the value's first byte.
        var start: Int
    }

    private(set) var nodes: [Node] = []

    /// An object or array that is open.
    private struct Frame {
        /// The object's index in `nodes`; nil for an array.
        var object: Int?
        var keys: [String] = []
        var seen: Set<String> = []
    }

    private enum Expected {
        case value, firstElement, key, firstKey, colon, commaOrEnd, nothing
    }

    private var frames: [Frame] = []
    private var expected = Expected.value
    private let bytes: ArraySlice<UInt8>
    private let maximumDepth: Int

    /// `bytes` is well-formed UTF-8.
    init(of bytes: ArraySlice<UInt8>, maximumDepth: Int) throws(JSONError) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        var at = bytes.startIndex
        while at < bytes.endIndex { at = try step(at) }
        guard expected == .nothing else { throw JSONError("the text ends too early", at: at, in: bytes) }
    }

    /// Takes in what starts at `at`, and returns where the next thing does.
    private mutating func step(_ at: Int) throws(JSONError) -> Int {
        switch bytes[at] {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): return at + 1
        case UInt8(ascii: "{"), UInt8(ascii: "["): try open(at)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): try close(at)
        case UInt8(ascii: ",") where expected == .commaOrEnd:
            expected = frames.last?.object == nil ? .value : .key
        case UInt8(ascii: ":") where expected == .colon: expected = .value
        case UInt8(ascii: "\"") where expected == .key || expected == .firstKey: return try key(at)
        case UInt8(ascii: "\""):
            try add(.string, at)
            return try stringEnd(at).end
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(at)
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return try word(at, .bool)
        case UInt8(ascii: "n"): return try word(at, .null)
        default: throw unexpected(at)
        }
        return at + 1
    }

    private func unexpected(_ at: Int) -> JSONError {
        let wanted =
            switch expected {
            case .value: "a value"
            case .firstElement: "a value or ']'"
            case .key: "a key in double quotes"
            case .firstKey: "a key in double quotes or '}'"
            case .colon: "':'"
            case .commaOrEnd: frames.last?.object == nil ? "',' or ']'" : "',' or '}'"
            case .nothing: "the end"
            }
        let found =
            String(decoding: bytes[at...].prefix(4), as: UTF8.self).first.map { "'\($0)'" } ?? "nothing"
        return JSONError("expected \(wanted), found \(found)", at: at, in: bytes)
    }

    // MARK: Structure

    /// Notes a value, where one may stand.
    private mutating func add(_ kind: Kind, _ at: Int) throws(JSONError) {
        guard expected == .value || expected == .firstElement else { throw unexpected(at) }
        nodes.append(Node(kind: kind, start: at))
        expected = frames.isEmpty ? .nothing : .commaOrEnd
    }

    private mutating func open(_ at: Int) throws(JSONError) {
        let isObject = bytes[at] == UInt8(ascii: "{")
        try add(isObject ? .object(keys: []) : .array, at)
        guard frames.count < maximumDepth else {
            throw JSONError("nested more than \(maximumDepth) deep", at: at, in: bytes)
        }
        frames.append(Frame(object: isObject ? nodes.count - 1 : nil))
        expected = isObject ? .firstKey : .firstElement
    }

    private mutating func close(_ at: Int) throws(JSONError) {
        let isObject = bytes[at] == UInt8(ascii: "}")
        let isEmpty = expected == (isObject ? .firstKey : .firstElement)
        guard isEmpty || expected == .commaOrEnd, let frame = frames.last, (frame.object != nil) == isObject
        else { throw unexpected(at) }
        frames.removeLast()
        if let object = frame.object { nodes[object].kind = .object(keys: frame.keys) }
        expected = frames.isEmpty ? .nothing : .commaOrEnd
    }

    private mutating func key(_ start: Int) throws(JSONError) -> Int {
        let (end, isEscaped) = try stringEnd(start)
        var key = String(decoding: bytes[start + 1..<end - 1], as: UTF8.self)
        if isEscaped {
            // That it fails is all there is to know: the escape is wrong.
            guard let plain = try? JSONDecoder().decode(String.self, from: Data(bytes[start..<end])) else {
                throw JSONError("the key has a wrong escape", at: start, in: bytes)
            }
            key = plain
        }
        let last = frames.count - 1
        guard frames[last].seen.insert(key).inserted else {
            throw JSONError("the key '\(key.prefix(64))' is there twice", at: start, in: bytes)
        }
        frames[last].keys.append(key)
        expected = .colon
        return end
    }

    // MARK: Extents

    /// The end of the string that starts at `start`, behind its closing quote.
    private func stringEnd(_ start: Int) throws(JSONError) -> (end: Int, isEscaped: Bool) {
        var at = start + 1
        var isEscaped = false
        while at < bytes.endIndex, bytes[at] != UInt8(ascii: "\"") {
            guard bytes[at] >= 0x20 else {
                throw JSONError("a control character must be escaped in a string", at: at, in: bytes)
            }
            if bytes[at] == UInt8(ascii: "\\") {
                isEscaped = true
                at += 1
            }
            at += 1
        }
        guard at < bytes.endIndex else { throw JSONError("the string does not end", at: start, in: bytes) }
        return (at + 1, isEscaped)
    }

    private mutating func number(_ start: Int) throws(JSONError) -> Int {
        var end = start
        var kind = Kind.integer
        scan: while end < bytes.endIndex {
            switch bytes[end] {
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): kind = .fraction
            case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
            default: break scan
            }
            end += 1
        }
        try add(kind, start)
        return end
    }

    private mutating func word(_ start: Int, _ kind: Kind) throws(JSONError) -> Int {
        try add(kind, start)
        let end =
            bytes[start...].firstIndex { $0 < UInt8(ascii: "a") || $0 > UInt8(ascii: "z") } ?? bytes.endIndex
        guard ["true", "false", "null"].contains(where: { bytes[start..<end].elementsEqual($0.utf8) }) else {
            throw JSONError("only true, false and null are words", at: start, in: bytes)
        }
        return end
    }
}
