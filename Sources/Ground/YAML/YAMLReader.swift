public import Documents

/// Reads YAML 1.2 into a ``Document``, with the line and column of every key and value.
///
/// What is accepted is what JSON can say too: one document of maps with texts as keys, lists, and scalars of the core
/// schema. Anchors, aliases and tags are refused: a few lines of aliases can stand for gigabytes ("billion laughs"),
/// and a tag can ask for any type.
public struct YAMLReader: Sendable {
    /// The longest text, in bytes.
    public var maximumSize: Int
    /// How deep lists and maps may be nested.
    public var maximumDepth: Int
    /// The most keys and values.
    public var maximumNodes: Int

    public init(maximumSize: Int = 1 << 20, maximumDepth: Int = 64, maximumNodes: Int = 100_000) {
        self.maximumSize = maximumSize
        self.maximumDepth = maximumDepth
        self.maximumNodes = maximumNodes
    }

    /// Reads `bytes`, in UTF-8. `file` is how messages call them. An empty text is null.
    public func read(_ bytes: [UInt8], file: String? = nil) throws(YAMLError) -> Document {
        do throws(YAMLError) {
            guard bytes.count <= maximumSize else {
                throw YAMLError("it has \(bytes.count) bytes, more than the \(maximumSize) that are read")
            }
            let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
            let text = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
            var builder = try DocumentBuilder(text, reader: self)
            return try builder.document(file: file)
        } catch {
            throw YAMLError(error.problem, location: error.location, file: file)
        }
    }
}

/// Makes a document of events. Recursion is bounded by the depth.
private struct DocumentBuilder: ~Copyable {
    private var events: YAMLEvents
    private let reader: YAMLReader
    private var keyLocations: [DocumentPath: SourceLocation] = [:]
    private var valueLocations: [DocumentPath: SourceLocation] = [:]
    private var nodes = 0

    init(_ bytes: [UInt8], reader: YAMLReader) throws(YAMLError) {
        events = try YAMLEvents(bytes)
        self.reader = reader
    }

    mutating func document(file: String?) throws(YAMLError) -> Document {
        _ = try events.next()  // the stream's start
        var value = JSONValue.null
        if case .documentStart = try events.next().kind {
            value = try self.value(try events.next(), at: .root, depth: 0)
            _ = try events.next()  // the document's end
            let after = try events.next()
            guard case .streamEnd = after.kind else {
                throw YAMLError("a second document begins, where one is read", location: after.location)
            }
        }
        return Document(value, file: file, keyLocations: keyLocations, valueLocations: valueLocations)
    }

    private mutating func value(
        _ event: YAMLEvent, at path: DocumentPath, depth: Int
    ) throws(YAMLError) -> JSONValue {
        try admit(event)
        valueLocations[path] = event.location
        switch event.kind {
        case .scalar(let text, let isPlain):
            return isPlain ? try CoreSchema.value(of: text, at: event.location) : .string(text)
        case .sequenceStart:
            try checkDepth(depth, event)
            var values: [JSONValue] = []
            while true {
                let next = try events.next()
                if case .sequenceEnd = next.kind { return .array(values) }
                values.append(try value(next, at: path.appending(values.count), depth: depth + 1))
            }
        case .mappingStart:
            try checkDepth(depth, event)
            return .object(try object(at: path, depth: depth))
        default:
            throw YAMLError("a value is missing here", location: event.location)
        }
    }

    private mutating func object(at path: DocumentPath, depth: Int) throws(YAMLError) -> JSONObject {
        var members: [JSONObject.Member] = []
        var places: [String: SourceLocation] = [:]
        while true {
            let next = try events.next()
            if case .mappingEnd = next.kind { return JSONObject(members) }
            let key = try key(next)
            if let first = places[key] {
                throw YAMLError(
                    "the key '\(key.shortened)' stands twice, first on line \(first.line), column \(first.column)",
                    location: next.location)
            }
            places[key] = next.location
            let path = path.appending(key)
            keyLocations[path] = next.location
            let value = try value(try events.next(), at: path, depth: depth + 1)
            members.append(JSONObject.Member(key: key, value: value))
        }
    }

    private mutating func key(_ event: YAMLEvent) throws(YAMLError) -> String {
        try admit(event)
        guard case .scalar(let text, let isPlain) = event.kind else {
            throw YAMLError("a list or map stands as a key; only texts can", location: event.location)
        }
        guard !(isPlain && text.isEmpty) else {
            throw YAMLError("a key is missing before the ':'", location: event.location)
        }
        return text
    }

    /// Refuses what could stand for something else than it says, and counts.
    private mutating func admit(_ event: YAMLEvent) throws(YAMLError) {
        nodes += 1
        guard nodes <= reader.maximumNodes else {
            throw YAMLError(
                "it has more than \(reader.maximumNodes) keys and values", location: event.location)
        }
        if case .alias(let name) = event.kind {
            throw YAMLError(
                "the alias '*\(name.shortened)' is not accepted; write the value again, or put quotes around a text "
                    + "that begins with '*'", location: event.location)
        }
        if let anchor = event.anchor {
            throw YAMLError(
                "the anchor '&\(anchor.shortened)' is not accepted; put quotes around a text that begins with '&'",
                location: event.location)
        }
        if let tag = event.tag {
            throw YAMLError(
                "the tag '\(tag.shortened)' is not accepted; values have the type they are written as, and a text in "
                    + "quotes is a text", location: event.location)
        }
    }

    private func checkDepth(_ depth: Int, _ event: YAMLEvent) throws(YAMLError) {
        guard depth < reader.maximumDepth else {
            throw YAMLError(
                "lists and maps are nested more than \(reader.maximumDepth) deep", location: event.location)
        }
    }
}

extension String {
    /// The text as a message can hold it.
    var shortened: String { count > 64 ? prefix(64) + "…" : self }
}
