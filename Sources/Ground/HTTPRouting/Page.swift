import Core
public import Documents
import FoundationEssentials
import HTTPModel

/// One page of a list.
public struct Page<Item: Encodable & Sendable>: Encodable, Sendable {
    public var items: [Item]
    /// Where the next page starts; nil on the last one.
    public var next: Cursor?

    public init(items: [Item], next: Cursor? = nil) {
        self.items = items
        self.next = next
    }
}

/// A place in a list: opaque to clients, the sort key of the last item they got to the server.
public struct Cursor: Hashable, Sendable {
    /// The parts of the key.
    public let parts: [String]

    public init(_ parts: [String]) { self.parts = parts }

    /// What clients get: base64url (RFC 4648, section 5) of the parts as JSON.
    public var text: String {
        let json = JSONWriter.bytes(of: .array(parts.map { .string($0) }))
        let base64 = Data(json).base64EncodedString().utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: base64, as: UTF8.self)
    }

    /// Reads what a client sends back; nil unless it came from here.
    public init?(parsing text: String) {
        guard text.utf8.count <= 1024 else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let data = Data(base64Encoded: base64),
            let json = try? JSONReader(maximumDepth: 1).read(Array(data)),
            let parts = json.array?.map(\.string), parts.allSatisfy({ $0 != nil })
        else { return nil }
        self.parts = parts.compactMap { $0 }
        guard self.text == text else { return nil }
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
        "cursor", "Where the page starts: `next` of the page before it.", schema: .string(1...1024))

    /// The parameters of every route that lists.
    public static var parameters: [any RouteParameter] { [limitParameter, cursorParameter] }

    /// Reads the parameters of a call.
    init<Context>(_ call: Call<Context>) throws(HTTPProblem) {
        limit = call[Self.limitParameter]
        guard let text = call[Self.cursorParameter] else { return }
        guard let cursor = Cursor(parsing: text) else {
            throw HTTPProblem(
                .badRequest, .invalid, "wrong parameter: cursor",
                errors: [FieldError(path: "cursor", message: "must be the 'next' of a page, unchanged")])
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
            .optional("next", .string, "Where the next page starts; absent on the last one."),
        ])
    }
}
