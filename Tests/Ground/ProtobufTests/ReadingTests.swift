import Protobuf
import ProtobufSamples
import Testing

/// What readers have to take although nobody has to write it.
struct ReadingTests {
    private func read(_ bytes: [UInt8]) throws -> Everything { try Everything(protobuf: bytes) }

    @Test("The last of several values counts")
    func lastWins() throws {
        #expect(try read([0x18, 1, 0x18, 2]).anInt32 == 2)
        #expect(try read([0xa8, 0x01, 1, 0xa8, 0x01, 0]).maybeInt32 == 0)
    }

    @Test("Messages that come in pieces merge, also inside a oneof and in a box")
    func merging() throws {
        #expect(
            try read([0x92, 0x01, 2, 0x08, 5, 0x92, 0x01, 3, 0x12, 1, 97]).nested == .init(id: 5, name: "a"))
        #expect(
            try read([0xca, 0x04, 2, 0x08, 5, 0xca, 0x04, 3, 0x12, 1, 97]).choice
                == .chosenNested(.init(id: 5, name: "a")))
        #expect(
            try read([0x8a, 0x01, 2, 0x08, 5, 0x8a, 0x01, 4, 0x12, 2, 0x08, 6]).tree
                == Tree(value: 5, left: Tree(value: 6)))
    }

    @Test("Another member of a oneof takes the place of the one before")
    func oneof() throws {
        #expect(try read([0xb8, 0x04, 1, 0xc2, 0x04, 1, 97]).choice == .chosenString("a"))
        #expect(
            try read([0xca, 0x04, 2, 0x08, 5, 0xb8, 0x04, 1, 0xca, 0x04, 0]).choice == .chosenNested(.init()))
    }

    @Test("Lists are read packed and not, whatever their file says, and in pieces")
    func lists() throws {
        #expect(try read([0x88, 0x02, 1, 0x8a, 0x02, 2, 2, 3, 0x88, 0x02, 4]).int32s == [1, 2, 3, 4])
        #expect(try read([0x82, 0x03, 2, 1, 2]).looseInt32s == [1, 2])
        #expect(try read([0x8a, 0x02, 0]).int32s == [])
        #expect(try read([0x8a, 0x03, 8, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]).looseDoubles == [1])
    }

    @Test("A map's entry without a key or a value has the defaults, and the last entry of a key counts")
    func maps() throws {
        #expect(try read([0xea, 0x03, 3, 0x12, 1, 97]).texts == ["": "a"])
        #expect(try read([0xea, 0x03, 3, 0x0a, 1, 97]).texts == ["a": ""])
        #expect(try read([0xea, 0x03, 0, 0xea, 0x03, 3, 0x12, 1, 98]).texts == ["": "b"])
        #expect(try read([0xf2, 0x03, 2, 0x08, 7]).byNumber == [7: .init()])
        // Value before key, and a field that entries do not have.
        #expect(try read([0xea, 0x03, 8, 0x12, 1, 98, 0x18, 1, 0x0a, 1, 97]).texts == ["a": "b"])
    }

    @Test("Numbers lose the bits that their type has no room for")
    func truncation() throws {
        #expect(try read([0x18, 0x81, 0x80, 0x80, 0x80, 0x10]).anInt32 == 1)
        #expect(try read([0x68, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]).aBool)
        // So do those of more than 64 bits.
        #expect(try read([0x30] + [UInt8](repeating: 0x80, count: 9) + [0x7f]).aUint64 == 1 << 63)
        // A number may be longer than it must.
        #expect(try read([0x18, 0x81, 0x80, 0x00]).anInt32 == 1)
    }

    @Test("What is not known is kept, in its order, and written again behind the rest")
    func unknown() throws {
        var source = SampleSource(seed: 7)
        for _ in 0..<100 {
            let message = source.everything()
            let bytes = message.protobufBytes()
            let nothing = try Nothing(protobuf: bytes)
            #expect(nothing.unknownFields.bytes == bytes)
            #expect(nothing.protobufBytes() == bytes)
            let something = try Something(protobuf: bytes)
            #expect(something.aString == message.aString)
            #expect(try Everything(protobuf: something.protobufBytes()) == message)
        }
    }

    @Test("A known field of another kind, and groups, are unknown fields")
    func otherKinds() throws {
        let bytes: [UInt8] = [0x1d, 1, 2, 3, 4, 0xcb, 0x06, 0x08, 1, 0x0b, 0x0c, 0xcc, 0x06, 0x70, 1]
        let message = try read(bytes)
        #expect(message.unknownFields.bytes == bytes)
        #expect(message.protobufBytes() == bytes)
    }

    @Test("Messages merge into one that is there")
    func intoMessage() throws {
        var message = Everything(anInt32: 1, aString: "kept", int32s: [1])
        try message.merge(protobuf: [0x18, 2, 0x8a, 0x02, 1, 5])
        #expect(message == Everything(anInt32: 2, aString: "kept", int32s: [1, 5]))
    }

    @Test("Bytes may come in any collection")
    func collections() throws {
        #expect(try Everything(protobuf: [9, 0x18, 1].dropFirst()).anInt32 == 1)
        #expect(try Everything(protobuf: [0x18, 1].lazy.map { UInt8($0) }).anInt32 == 1)
        #expect(try Everything(protobuf: EmptyCollection()) == Everything())
    }
}
