import Core
import Documents
import Testing

/// A type with one of everything.
private struct Order: Codable, Hashable, SchemaProviding {
    enum Speed: String, Codable, CaseIterable { case slow, fast, veryFast = "very_fast" }

    struct Item: Codable, Hashable, SchemaProviding {
        var name: String
        var count: Int
        var children: [Item]

        static let schema = Schema.object(
            "A thing that is ordered.",
            [
                .required("name", .string(.name)),
                .optional("count", .integer(1...99), default: 1),
                .optional("children", .array(.of(Item.self), count: 0...2), default: []),
            ])
    }

    struct Retry: Codable, Hashable, SchemaProviding {
        var wait: Double
        var times: Int?

        static let schema = Schema.object([
            .optional("wait", .seconds(0...60), default: 0.5), .optional("times", .integer(0...)),
        ])
    }

    var items: [Item]
    var speed: Speed
    var retry: Retry
    var memory: ByteCount?
    var labels: [String: String]
    var note: String?
    var path: String?

    static let schema = Schema.object(
        "What is ordered.",
        [
            .required("items", .array(.of(Item.self), count: 1...3), "At least one."),
            .optional("speed", .values(Speed.self), default: "slow"),
            .optional("retry", .of(Retry.self), default: [:]),
            .optional("memory", .byteCount(1024...1 << 40)),
            .optional("labels", .map(of: .string(0...8), keys: .name, maximumCount: 2), default: [:]),
            .optional("note", .string(1...5).orNull),
            .optional("path", .string(.absolutePath)),
        ])
}

@Suite struct SchemaTests {
    private func violations(_ json: String) throws -> [String] {
        let document = Document(try JSONReader().read(Array(json.utf8)))
        return Order.schema.validate(document).map { "\($0.path): \($0.message)" }
    }

    @Test func `defaults fill in what is left out, at every level`() throws {
        let order = try DocumentDecoder().decode(
            Order.self, from: Array(#"{"items":[{"name":"a","children":[{"name":"b"}]}],"speed":null}"#.utf8))
        #expect(
            order
                == Order(
                    items: [.init(name: "a", count: 1, children: [.init(name: "b", count: 1, children: [])])],
                    speed: .slow, retry: .init(wait: 0.5, times: nil), memory: nil, labels: [:], note: nil,
                    path: nil))
    }

    @Test func `units are converted to numbers`() throws {
        let json = #"{"items":[{"name":"a"}],"memory":"64Mi","retry":{"wait":"1m"}}"#
        let refused = try #require(throws: ApolloError.self) {
            try DocumentDecoder().decode(
                Order.self, from: Array(json.replacing("1m", with: "2m").utf8))
        }
        #expect(
            refused.fields == [
                FieldError(path: "retry.wait", message: "must be between 0 and 60 seconds")
            ])
        let order = try DocumentDecoder().decode(Order.self, from: Array(json.utf8))
        #expect(order.memory == .mebibytes(64))
        #expect(order.retry.wait == 60)
    }

    @Test(arguments: [
        (#"[]"#, ": must be an object, not a list"),
        (#"{}"#, "items: is required"),
        (#"{"items":null}"#, "items: must be a list, not null"),
        (#"{"items":[]}"#, "items: must not be empty"),
        (
            #"{"items":[{"name":"a"},{"name":"a"},{"name":"a"},{"name":"a"}]}"#,
            "items: must have at most 3 elements; it has 4"
        ),
        (#"{"items":[{"name":"a","count":0}]}"#, "items[0].count: must be between 1 and 99"),
        (#"{"items":[{"name":"a","count":1.5}]}"#, "items[0].count: must be a whole number"),
        (
            #"{"items":[{"name":"a","count":1e30}]}"#,
            "items[0].count: is too large a number between 1 and 99"
        ),
        (#"{"items":[{"name":"a","count":"1"}]}"#, "items[0].count: must be a whole number, not a string"),
        (
            #"{"items":[{"name":"A_"}]}"#,
            "items[0].name: must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end, such as web-1"
        ),
        (
            #"{"items":[{"name":"a"}],"speed":"fsat"}"#,
            "speed: must be one of slow, fast, very_fast; did you mean 'fast'?"
        ),
        (#"{"items":[{"name":"a"}],"speed":7}"#, "speed: must be one of slow, fast, very_fast, not a number"),
        (
            #"{"items":[{"name":"a"}],"memory":"64 Mi"}"#,
            "memory: must be a number of bytes, or a size such as 512Mi or 1.5Gi"
        ),
        (#"{"items":[{"name":"a"}],"memory":1}"#, "memory: must be between 1Ki and 1Ti"),
        (
            #"{"items":[{"name":"a"}],"labels":{"x":"123456789"}}"#,
            "labels.x: must have at most 8 characters; it has 9"
        ),
        (
            #"{"items":[{"name":"a"}],"labels":{"X y":""}}"#,
            #"labels["X y"]: the key must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end, such as web-1"#
        ),
        (
            #"{"items":[{"name":"a"}],"labels":{"a":"","b":"","c":""}}"#,
            "labels: must have at most 2 members; it has 3"
        ),
        (#"{"items":[{"name":"a"}],"note":""}"#, "note: must not be empty"),
        (
            #"{"items":[{"name":"a"}],"path":"/a/../b"}"#,
            "path: must be an absolute path without '..', such as /srv/data"
        ),
        (
            #"{"items":[{"name":"a"}],"Lables":{}}"#,
            "Lables: there is no such field; did you mean 'labels'?"
        ),
        (
            #"{"items":[{"name":"a","colour":1}]}"#,
            "items[0].colour: there is no such field; the fields are name, count, children"
        ),
    ])
    func `a violation says where and what is right`(_ json: String, _ expected: String) throws {
        #expect(try violations(json) == [expected])
    }

    @Test func `null is allowed where the schema says so`() throws {
        let document = Document(["items": [["name": "a"]], "note": nil])
        #expect(Order.schema.check(document).value["note"] == .null)
    }

    @Test func `all violations are collected, up to a bound`() throws {
        let found = try violations(#"{"items":[{"count":0,"x":1}],"speed":1,"memory":[],"y":2}"#)
        #expect(
            found.map { $0.prefix { $0 != ":" } } == [
                "items[0].count", "items[0].x", "items[0].name", "speed", "memory", "y",
            ])
        let many = Document(.object(JSONObject((0..<1000).map { .init(key: "k\($0)", value: 1) })))
        #expect(Order.schema.validate(many).count == 32)
    }

    @Test func `places of a file are named`() throws {
        let path = DocumentPath.root.appending("items").appending(0)
        let document = Document(
            ["items": [["nmae": "a"]]], file: "order.yaml",
            keyLocations: [path.appending("nmae"): SourceLocation(line: 2, column: 5)],
            valueLocations: [path: SourceLocation(line: 2, column: 3)])
        let error = try #require(throws: ApolloError.self) {
            try DocumentDecoder().decode(Order.self, from: document, of: "the order")
        }
        #expect(error.kind == .invalid)
        #expect(error.message == "2 things are wrong in the order")
        #expect(
            error.fields == [
                FieldError(
                    path: "items[0].nmae",
                    message: "there is no such field; did you mean 'name'? (order.yaml:2:5)"),
                FieldError(path: "items[0].name", message: "is required (order.yaml:2:3)"),
            ])
    }

    @Test func `alternatives are tried in order, and the nearest explains`() {
        let schema = Schema.oneOf([
            .integer(1...5), .object([.required("at", .integer)]), .object([.required("every", .seconds())]),
        ])
        func messages(_ value: JSONValue) -> [String] {
            schema.validate(Document(value)).map { "\($0.path): \($0.message)" }
        }
        #expect(messages(3).isEmpty)
        #expect(schema.check(Document(["every": "2m"])).value == ["every": 120.0])
        #expect(messages(["at": "x"]) == ["at: must be a whole number, not a string"])
        #expect(messages("x") == [": must be a whole number, or an object, or an object"])
    }

    @Test func `what the schema allows and the type refuses is an error all the same`() throws {
        struct Odd: Codable, SchemaProviding {
            var inner: [String: [Timestamp]]
            static let schema = Schema.object([.required("inner", .any)])
        }
        let error = try #require(throws: ApolloError.self) {
            try DocumentDecoder().decode(Odd.self, from: Array(#"{"inner":{"a":["yesterday"]}}"#.utf8))
        }
        #expect(error.fields.map(\.path) == ["inner.a[0]"])
        #expect(error.fields.first?.message == "'yesterday' is not a time such as 2026-11-21T09:30:11Z")
        struct Small: Codable, SchemaProviding {
            var value: UInt8
            static let schema = Schema.object([.required("value", .integer)])
        }
        #expect(throws: ApolloError.self) {
            try DocumentDecoder().decode(Small.self, from: Array(#"{"value":300}"#.utf8))
        }
    }

    @Test func `a document as deep as may be read passes a recursive schema, and a deeper one is refused`() {
        struct Tree: SchemaProviding {
            static let schema = Schema.object([
                .optional("next", .oneOf([.integer, .array(.of(Tree.self))]))
            ])
        }
        func tree(_ depth: Int) -> Document {
            Document((0..<depth).reduce([:]) { inner, _ in ["next": [inner]] })
        }
        #expect(Tree.schema.validate(tree(60)).isEmpty)
        #expect(Tree.schema.validate(tree(5000)).map(\.message).last == "is nested too deep")
    }

    @Test func `the published schema says the same`() {
        let json = Order.schema.json
        #expect(json["additionalProperties"] == false)
        #expect(json["required"] == ["items"])
        #expect(
            json["properties"]?["items"] == [
                "type": "array", "items": ["$ref": "#/components/schemas/Item"], "minItems": 1, "maxItems": 3,
                "description": "At least one.",
            ])
        #expect(json["properties"]?["speed"]?["default"] == "slow")
        #expect(json["properties"]?["note"]?["type"] == ["string", "null"])
        #expect(json["properties"]?["memory"]?["oneOf"]?[0]?["minimum"] == 1024)
        // What may be left out may be null, and says so in whatever form it has.
        #expect(json["properties"]?["memory"]?["oneOf"]?[2] == ["type": "null"])
        #expect(json["properties"]?["retry"]?["anyOf"]?[1] == ["type": "null"])
        #expect(json["properties"]?["path"]?["type"] == ["string", "null"])
        #expect(Order.schema.namedSchemas.map(\.name) == ["Item", "Retry"])
        #expect(Order.schema.standaloneJSON["$defs"]?["Retry"]?["type"] == "object")
    }
}
