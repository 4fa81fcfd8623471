import Protobuf
import ProtobufSamples
import Testing

/// Bytes worked out by hand from https://protobuf.dev/programming-guides/encoding/.
struct WireFormatTests {
    struct Golden: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var message: Everything
        var bytes: [UInt8]

        init(_ name: String, _ bytes: [UInt8], _ message: Everything) {
            testDescription = name
            self.message = message
            self.bytes = bytes
        }
    }

    static let numbers: [Golden] = [
        Golden("int32 150", [0x18, 0x96, 0x01], Everything(anInt32: 150)),
        Golden(
            "int32 -1 takes ten bytes",
            [0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], Everything(anInt32: -1)),
        Golden("uint32 max", [0x28, 0xff, 0xff, 0xff, 0xff, 0x0f], Everything(aUint32: .max)),
        Golden("sint32 -1 is 1", [0x38, 0x01], Everything(aSint32: -1)),
        Golden("sint32 min", [0x38, 0xff, 0xff, 0xff, 0xff, 0x0f], Everything(aSint32: .min)),
        Golden("sint64 1 is 2", [0x40, 0x02], Everything(aSint64: 1)),
        Golden("fixed32", [0x4d, 0x04, 0x03, 0x02, 0x01], Everything(aFixed32: 0x0102_0304)),
        Golden("fixed64", [0x51, 8, 7, 6, 5, 4, 3, 2, 1], Everything(aFixed64: 0x0102_0304_0506_0708)),
        Golden("sfixed32 -2", [0x5d, 0xfe, 0xff, 0xff, 0xff], Everything(aSfixed32: -2)),
        Golden("double 1", [0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f], Everything(aDouble: 1)),
        Golden("double -0 is not the default", [0x09, 0, 0, 0, 0, 0, 0, 0, 0x80], Everything(aDouble: -0.0)),
        Golden("float 1", [0x15, 0, 0, 0x80, 0x3f], Everything(aFloat: 1)),
        Golden("bool", [0x68, 1], Everything(aBool: true)),
        Golden("an enumeration", [0x80, 0x01, 2], Everything(mood: .sad)),
        Golden("a number without a name", [0x80, 0x01, 99], Everything(mood: Mood(rawValue: 99))),
        Golden("the highest field number", [0xf8, 0xff, 0xff, 0xff, 0x0f, 5], Everything(far: 5)),
        Golden("an optional default", [0xa8, 0x01, 0], Everything(maybeInt32: 0)),
        Golden("an optional empty text", [0xc2, 0x01, 0], Everything(maybeString: "")),
        Golden("nothing", [], Everything()),
    ]

    static let composites: [Golden] = [
        Golden("text", [0x72, 7] + Array("testing".utf8), Everything(aString: "testing")),
        Golden("bytes", [0x7a, 2, 0xff, 0], Everything(someBytes: [0xff, 0])),
        Golden("an empty message that is set", [0x92, 0x01, 0], Everything(nested: Everything.Nested())),
        Golden(
            "a message", [0x92, 0x01, 3, 0x08, 0x96, 0x01], Everything(nested: Everything.Nested(id: 150))),
        Golden("packed numbers", [0x8a, 0x02, 4, 1, 2, 0x96, 1], Everything(int32s: [1, 2, 150])),
        Golden(
            "numbers that are not packed", [0x80, 0x03, 1, 0x80, 0x03, 2], Everything(looseInt32s: [1, 2])),
        Golden("texts", [0xe2, 0x02, 1, 97, 0xe2, 0x02, 0], Everything(strings: ["a", ""])),
        Golden(
            "a map, by its keys",
            [0xea, 0x03, 6, 0x0a, 1, 97, 0x12, 1, 98, 0xea, 0x03, 6, 0x0a, 1, 99, 0x12, 1, 100],
            Everything(texts: ["c": "d", "a": "b"])),
        Golden(
            "a map's defaults are written", [0xea, 0x03, 4, 0x0a, 0, 0x12, 0], Everything(texts: ["": ""])),
        Golden("a oneof's default is written", [0xb8, 0x04, 0], Everything(choice: .chosenInt32(0))),
        Golden("a oneof's text", [0xc2, 0x04, 1, 97], Everything(choice: .chosenString("a"))),
        Golden(
            "a type that contains itself", [0x8a, 0x01, 4, 0x12, 2, 0x08, 1],
            Everything(tree: Tree(left: Tree(value: 1)))),
    ]

    @Test("Values have the bytes that the format says", arguments: numbers + composites)
    func golden(_ golden: Golden) throws {
        #expect(golden.message.protobufBytes() == golden.bytes)
        let read = try Everything(protobuf: golden.bytes)
        #expect(read == golden.message)
        #expect(read.aDouble.sign == golden.message.aDouble.sign)
    }

    @Test("Random messages are read as they were written")
    func roundTrip() throws {
        var source = SampleSource(seed: 1)
        for _ in 0..<500 {
            let message = source.everything()
            let bytes = message.protobufBytes()
            let read = try Everything(protobuf: bytes)
            #expect(read == message)
            #expect(read.protobufBytes() == bytes)
        }
    }
}
