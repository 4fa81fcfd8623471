import Protobuf
import ProtobufGenerator
import Testing

/// What the generator says to protoc. That its code works is tested on samples.proto, in ProtobufTests.
struct CodeGeneratorTests {
    private func response(
        _ files: FileDescriptor..., generating names: [String] = ["a.proto"], parameter: String = "module=M"
    ) -> GeneratorResponse {
        CodeGenerator.respond(
            to: GeneratorRequest(fileToGenerate: names, parameter: parameter, protoFile: files))
    }

    private func file(_ fields: [FieldDescriptor], syntax: String = "proto3") -> FileDescriptor {
        FileDescriptor(
            name: "a.proto", package: "p", messageType: [MessageDescriptor(name: "M", field: fields)],
            syntax: syntax)
    }

    private func field(
        _ name: String, _ number: Int32 = 1, _ kind: FieldKind = .int32, label: FieldLabel = .optional,
        type: String = ""
    ) -> FieldDescriptor {
        FieldDescriptor(name: name, number: number, label: label, type: kind, typeName: type)
    }

    @Test("A file becomes one of the same name, and optional fields are understood")
    func answer() throws {
        let response = response(file([field("node_id")]))
        #expect(response.error == nil)
        #expect(response.supportedFeatures == 1)
        let made = try #require(response.file.first)
        #expect(made.name == "a.pb.swift")
        #expect(made.content.contains("public struct M: ProtobufMessage {"))
        #expect(made.content.contains("    public var nodeID: Int32 = 0\n"))
    }

    @Test("A field of proto2 may be missing")
    func proto2() throws {
        let made = try #require(response(file([field("count")], syntax: "")).file.first)
        #expect(made.content.contains("    public var count: Int32?\n"))
    }

    @Test("What cannot be made is said with the file, the message and the field")
    func refusals() {
        #expect(
            response(file([field("x", label: .required)], syntax: "")).error
                == "a.proto: field 'x' of message 'p.M' is required, which nobody can ever change; make it optional"
        )
        #expect(
            response(file([field("x", 1, .group)], syntax: "")).error
                == "a.proto: field 'x' of message 'p.M' is a group; make a message of it")
        #expect(
            response(file([field("a_b"), field("aB", 2)])).error
                == "a.proto: 'a_b' and 'aB' of message 'p.M' are both 'aB' in Swift; rename one")
        #expect(
            response(file([]), parameter: "modul=M").error
                == "there is no option 'modul=M'; there are module=NAME and import=FILE:NAME")
        #expect(
            response(generating: ["b.proto"]).error
                == "b.proto: protoc asks for it and does not describe it")
    }

    @Test("A request that is no message is answered with an error")
    func unreadable() throws {
        let response = try GeneratorResponse(protobuf: CodeGenerator.respond(to: [0x0a, 0x05]))
        #expect(
            response.error?.hasPrefix("protoc's request cannot be read: the message is not valid") == true)
    }

    @Test("Types of another module are imported, and only those that are used")
    func imports() throws {
        let other = FileDescriptor(
            name: "b.proto", package: "q", messageType: [MessageDescriptor(name: "N")], syntax: "proto3")
        let options = "module=M,import=b.proto:Other"
        let used = response(
            file([field("n", 1, .message, type: ".q.N")]), other, parameter: options)
        #expect(used.file.first?.content.contains("public import Other\n") == true)
        let unused = response(file([field("n")]), other, parameter: options)
        #expect(unused.file.first?.content.contains("public import Other\n") == false)
    }

    @Test("A description carries everything but the comments")
    func description() throws {
        var described = file([field("n")])
        described.sourceCodeInfo = SourceInfo(location: [.init(path: [4, 0], leadingComments: " Counts.\n")])
        let made = try #require(response(described).file.first)
        #expect(made.content.contains("/// Counts.\npublic struct M"))
        described.sourceCodeInfo = nil
        let lines = made.content.split(separator: "descriptor: \"\"\"")[1].split(separator: "\"\"\")")[0]
        let text = lines.filter { !$0.isWhitespace }
        #expect(text.count == (described.protobufBytes().count * 4 + 2) / 3)
    }
}
