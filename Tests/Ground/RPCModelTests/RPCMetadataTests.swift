import RPCModel
import Testing

@Suite("Metadata of calls")
struct RPCMetadataTests {
    @Test("keeps its order, and names that stand twice")
    func order() throws {
        var metadata = RPCMetadata(["b": "1", "a": "2", "b": "3"])
        try metadata.add("c-bin", bytes: [0, 255])
        #expect(metadata.entries.map(\.name) == ["b", "a", "b", "c-bin"])
        #expect(metadata["b"] == "1")
        #expect(metadata.bytes("c-bin") == [0, 255])
        metadata.remove("b")
        #expect(metadata.entries.map(\.name) == ["a", "c-bin"])
    }

    @Test(
        "refuses names and values that cannot be sent",
        arguments: ["", "Upper", "a b", "grpc-status", "a:b", "é", "a\n"])
    func names(name: String) {
        var metadata = RPCMetadata()
        #expect(throws: RPCError.self) { try metadata.add(name, "value") }
    }

    @Test("text is printable, bytes have a name of their own")
    func values() {
        var metadata = RPCMetadata()
        #expect(throws: RPCError.self) { try metadata.add("a", "line\r\nx: y") }
        #expect(throws: RPCError.self) { try metadata.add("a-bin", "text") }
        #expect(throws: RPCError.self) { try metadata.add("a", bytes: [1]) }
        #expect(metadata.isEmpty)
    }

    @Test("is bounded by what every peer reads")
    func bound() throws {
        var metadata = RPCMetadata()
        try metadata.add("a", String(repeating: "x", count: 7000))
        #expect(throws: RPCError.self) { try metadata.add("b", String(repeating: "x", count: 1000)) }
        #expect(throws: RPCError.self) { try metadata.add("b-bin", bytes: [UInt8](repeating: 0, count: 500)) }
        #expect(metadata.entries.count == 1)
    }
}
