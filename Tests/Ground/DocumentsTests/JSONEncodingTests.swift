import Documents
import FoundationEssentials
import Testing

@Suite struct JSONEncodingTests {
    private enum Kind: String, Codable { case plain, odd = "with \"quotes\"" }

    private struct Inner: Codable, Equatable {
        var flag: Bool
        var ratio: Double
        var small: UInt8
        var large: UInt64
        var missing: String?
        var list: [Int?]
    }

    private struct Empty: Codable {}

    private struct Outer: Codable {
        var name: String
        var kind: Kind
        var inner: Inner
        var nested: [[Inner]]
        var table: [String: [String: Int]]
        var numbers: [Int: String]
        var nothing: Empty
        var float: Float
        var present: String?
    }

    private static let outer = Outer(
        name: "é\n\"😀", kind: .odd,
        inner: Inner(flag: true, ratio: 0.25, small: 255, large: .max, missing: nil, list: [1, nil, -3]),
        nested: [[], [Inner(flag: false, ratio: 10, small: 0, large: 0, missing: "x", list: [])]],
        table: ["b": ["z": 1, "a": 2], "a": [:], ":": ["c": 3]], numbers: [2: "two", 1: "one"],
        nothing: Empty(), float: -1.5, present: "here:")

    /// A type that writes its members in two parts, into one object.
    private struct Flattened: Encodable {
        var base = Kind.plain
        var inner = outer.inner

        private enum CodingKeys: String, CodingKey { case base }

        func encode(to encoder: any Encoder) throws {
            try inner.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(base, forKey: .base)
        }
    }

    /// A type that opens the containers within it by hand.
    private struct Manual: Encodable {
        var keepsWriting = false

        private enum CodingKeys: String, CodingKey { case list, object, empty, last }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode(1)
            var within = list.nestedContainer(keyedBy: CodingKeys.self)
            try within.encode("deep", forKey: .last)
            try list.encode(["a", "b"])
            var object = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .object)
            try object.encodeNil(forKey: .empty)
            _ = container.superEncoder(forKey: .empty)
            try container.encode(true, forKey: .last)
            if keepsWriting { try list.encode(2) }
        }
    }

    private func foundation(_ value: some Encodable) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try JSONReader().read(Array(encoder.encode(value)))
    }

    private func ours(_ value: some Encodable) throws -> JSONValue {
        try JSONReader().read(JSONWriter.bytes(encoding: value))
    }

    @Test func `a value reads as what Foundation writes`() throws {
        #expect(try ours(Self.outer) == foundation(Self.outer))
        #expect(try ours(Flattened()) == foundation(Flattened()))
        #expect(try ours([Self.outer.inner]) == foundation([Self.outer.inner]))
        #expect(try ours(["x": 1.0]) == foundation(["x": 1.0]))
        #expect(try ours("alone") == .string("alone"))
        #expect(try ours(Empty()) == [:])
    }

    @Test func `what is written is read back by Foundation`() throws {
        let bytes = try JSONWriter.bytes(encoding: Self.outer)
        let read = try JSONDecoder().decode(Outer.self, from: Data(bytes))
        #expect(read.inner == Self.outer.inner)
        #expect(read.numbers == Self.outer.numbers)
    }

    @Test func `members of dictionaries are sorted, and those of types stand as they are encoded`() throws {
        let text = String(decoding: try JSONWriter.bytes(encodingInOrder: Self.outer.table), as: UTF8.self)
        #expect(text == #"{":":{"c":3},"a":{},"b":{"a":2,"z":1}}"#)
        let inner = String(decoding: try JSONWriter.bytes(encodingInOrder: Self.outer.inner), as: UTF8.self)
        #expect(
            inner
                == #"{"flag":true,"ratio":0.25,"small":255,"large":18446744073709551615,"list":[1,null,-3]}"#)
    }

    @Test func `containers opened by hand end where the next one begins`() throws {
        let text = String(decoding: try JSONWriter.bytes(encodingInOrder: Manual()), as: UTF8.self)
        #expect(
            text
                == #"{"list":[1,{"last":"deep"},["a","b"]],"object":{"empty":null},"empty":null,"last":true}"#
        )
    }

    @Test func `writing into a container after its end is an error`() {
        #expect(throws: (any Error).self) { try JSONWriter.bytes(encoding: Manual(keepsWriting: true)) }
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan])
    func `a number that JSON has not is an error`(_ value: Double) {
        #expect(throws: (any Error).self) { try JSONWriter.bytes(encoding: [value]) }
    }

    @Test func `whole doubles are written without a fraction, large ones exactly`() throws {
        let values: [Double] = [10, -0.0, 1e15, 9_007_199_254_740_992, 1e300, 0.1]
        let text = String(decoding: try JSONWriter.bytes(encoding: values), as: UTF8.self)
        #expect(text == "[10,0,1000000000000000,9007199254740992.0,1e+300,0.1]")
    }
}
