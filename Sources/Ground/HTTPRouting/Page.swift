import Core
import Cryptography
public import Documents
public import HTTPModel

/// One page of a list.
public struct Page<Item: Encodable & Sendable>: Encodable, Sendable {
    public var items: [Item]
    /// Where the next page starts; nil on the last one. In JSON it is `nextCursor`.
    public var next: Cursor?

    private enum CodingKeys: String, CodingKey {
        case items
        case next = "nextCursor"
    }

    public init(items: [Item], next: Cursor? = nil) {
        self.items = items
        self.next = next
    }
}

extension HTTPResponse {
    /// A page of items that are JSON already; as a ``Page`` of them.
    public static func page(written items: [[UInt8]], next: Cursor?) -> HTTPResponse {
        var writer = JSONWriter(reserving: items.reduce(64) { $0 + $1.count + 1 })
        writer.beginObject()
        writer.member("items")
        writer.beginArray()
        for item in items { writer.raw(item) }
        writer.endArray()
        if let next { writer.member("nextCursor", next.text) }
        writer.endObject()
        return .json(bytes: writer.bytes)
    }
}

/// A place in a list: opaque to clients, the sort key of the last item they got to the server.
public struct Cursor: Hashable, Sendable {
    /// The parts of the key.
    public let parts: [String]

    public init(_ parts: [String]) { self.parts = parts }

    /// What clients get: the parts as JSON, in base 64 for URLs.
    public var text: String { Base64URL.encode(JSONWriter.bytes(of: .array(parts.map { .string($0) }))) }

    /// Reads what a client sends back; nil unless it came from here.
    public init?(parsing text: String) {
        guard text.utf8.count <= 1024, let bytes = Base64URL.decode(text),
            // What is wrong with a text that clients cannot know is of no use to them.
            let json = try? JSONReader(maximumDepth: 1).read(bytes), case .array(let values) = json
        else { return nil }
        parts = values.compactMap(\.string)
        guard parts.count == values.count, self.text == text else { return nil }
    }
}

extension Cursor: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// The part of a list that is asked for.
public struct PageRequest: Hashable, Sendable {
    /// The most items, 1 to 1000.
    public var limit: Int
    /// Where the page starts; nil for the beginning.
    public var cursor: Cursor?

    public init(limit: Int = 100, cursor: Cursor? = nil) {
        self.limit = limit
        self.cursor = cursor
    }

    private static let limitParameter = Parameter<Int>.query(
        "limit", "The most items of the page.", schema: .integer(1...1000), default: 100)
    private static let cursorParameter = Parameter<String?>.query(
        "cursor", "Where the page starts: `nextCursor` of the page before it.", schema: .string(1...1024))

    /// The parameters of every route that lists.
    public static var parameters: [any RouteParameter] { [limitParameter, cursorParameter] }

    /// Reads the parameters of a call.
    init<Context>(_ call: Call<Context>) throws(HTTPProblem) {
        limit = call[Self.limitParameter]
        guard let text = call[Self.cursorParameter] else { return }
        guard let cursor = Cursor(parsing: text) else {
            throw HTTPProblem(
                .badRequest, .invalid, "wrong parameter: cursor",
                errors: [FieldError(path: "cursor", message: "must be the 'nextCursor' of a page, unchanged")]
            )
        }
        self.cursor = cursor
    }
}

extension Call {
    /// The page that is asked for. The route must have ``PageRequest/parameters``.
    public func page() throws(HTTPProblem) -> PageRequest { try PageRequest(self) }
}

extension Schema {
    /// A page of `item`.
    public static func page(of item: Schema) -> Schema {
        .object([
            .required("items", .array(item, count: 0...1000)),
            .optional("nextCursor", .string, "Where the next page starts; absent on the last one."),
        ])
    }
}
