import Protobuf
import ProtobufSamples
import Testing

struct GeneratedTypeTests {
    @Test("Names that Swift or the generated code needs get an underscore, and keywords none")
    func names() throws {
        var message = Awkward()
        message.default = true
        message.self_ = [1]
        message.unknownFields_ = "known"
        message.nodeID = 4
        message.baseURL = "/"
        message.httpPort = true
        message.merge_ = ["a": 1]
        message.in = .init_(Awkward.String_(value: "x"))
        message.outerTree = Tree(value: 1)
        message.innerTree = Awkward.Tree(rings: 2)
        message.type = .init_
        #expect(try Awkward(protobuf: message.protobufBytes()) == message)
    }

    @Test("Enumerations say the names of their file, the first where there are several")
    func enumerations() {
        #expect(Mood.glad.description == "MOOD_GLAD")
        #expect(Mood(rawValue: 99).description == "99")
        #expect(Mood(rawValue: 99).protobufName == nil)
        #expect(Awkward.Type_.standard.description == "TYPE_DEFAULT")
        #expect(Mood() == .unspecified)
    }

    @Test("A value keeps itself when a copy of it changes, in a box too")
    func copies() {
        let one = Tree(value: 1, left: Tree(value: 2))
        var other = one
        other.left?.value = 3
        #expect(one.left?.value == 2)
        #expect(other.left?.value == 3)
    }

    @Test("Messages and files know their full names")
    func fullNames() {
        #expect(Everything.Nested.Deeper.protobufName == "apollo.samples.Everything.Nested.Deeper")
        #expect(ProtobufFile.samples.name == "samples.proto")
        #expect(ProtobufFile.samples.dependencies == ["other.proto"])
        #expect(ProtobufFile.samples.symbols.contains("apollo.samples.Awkward.Type"))
    }
}
