import Protobuf

/// Makes Swift of `.proto` files: descriptors in, source out, and nothing else.
public enum CodeGenerator {
    /// Answers protoc. What is wrong with the files is in the response's `error`.
    public static func respond(to request: GeneratorRequest) -> GeneratorResponse {
        var response = GeneratorResponse()
        response.supportedFeatures = 1
        do throws(GeneratorError) {
            let options = try GeneratorOptions(parsing: request.parameter)
            let schema = Schema(request.protoFile, options: options)
            for name in request.fileToGenerate {
                guard let file = schema.files[name] else {
                    throw GeneratorError(file: name, problem: "protoc asks for it and does not describe it")
                }
                var made = GeneratorResponse.File()
                made.name = (name.hasSuffix(".proto") ? String(name.dropLast(6)) : name) + ".pb.swift"
                made.content = try FileSource(file: file, schema: schema).text()
                response.file.append(made)
            }
        } catch {
            response.file = []
            response.error = error.description
        }
        return response
    }

    /// The same, as bytes.
    public static func respond(to bytes: [UInt8]) -> [UInt8] {
        do throws(ProtobufError) {
            return respond(to: try GeneratorRequest(protobuf: bytes)).protobufBytes()
        } catch {
            var response = GeneratorResponse()
            response.error = "protoc's request cannot be read: \(error)"
            return response.protobufBytes()
        }
    }
}
