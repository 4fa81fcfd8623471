import Protobuf

/// What the parts of a file share.
struct FileContext {
    let schema: Schema
    let comments: Comments
    let isProto3: Bool
}

/// The code of one `.proto` file.
struct FileSource {
    let file: FileDescriptor
    let schema: Schema

    func text() throws(GeneratorError) -> String {
        do throws(GeneratorError) {
            return try written()
        } catch {
            throw GeneratorError(file: file.name, problem: error.problem)
        }
    }

    private func written() throws(GeneratorError) -> String {
        let context = FileContext(
            schema: schema, comments: Comments(file.sourceCodeInfo), isProto3: file.syntax == "proto3")
        var text = SourceText()
        text.line(
            "// Made by protoc-gen-apollo of \(file.name), which is what to change; scripts/protoc makes it anew."
        )
        text.line("// swift-format-ignore-file")
        text.line()
        for module in imports.sorted() { text.line("public import \(module)") }
        let scope = file.package.isEmpty ? "" : "." + file.package
        for (index, message) in file.messageType.enumerated() {
            text.line()
            try MessageSource(
                message, name: scope + "." + message.name, path: [4, Int32(index)], context
            ).write(to: &text)
        }
        for (index, enumeration) in file.enumType.enumerated() {
            text.line()
            EnumSource(
                enumeration: enumeration, name: scope + "." + enumeration.name, path: [5, Int32(index)],
                comments: context.comments
            ).write(to: &text)
        }
        for (index, service) in file.service.enumerated() {
            text.line()
            try ServiceSource(service, index: Int32(index), package: file.package, context).write(to: &text)
        }
        text.line()
        writeDescription(to: &text)
        return text.text
    }

    /// The runtime, and the modules of the types that messages hold.
    private var imports: Set<String> {
        var modules: Set<String> = file.service.isEmpty ? ["Protobuf"] : ["Protobuf", "RPCModel"]
        var pending = file.messageType
        var names = file.service.flatMap(\.method).flatMap { [$0.inputType, $0.outputType] }
        while let message = pending.popLast() {
            pending += message.nestedType
            names += message.field.map(\.typeName)
        }
        for name in names {
            guard let definition = schema.definitions[name] else { continue }
            let module = schema.module(of: definition.file)
            if module != schema.module(of: file.name) { modules.insert(module) }
        }
        return modules
    }

    private func writeDescription(to text: inout SourceText) {
        let name = file.name.hasSuffix(".proto") ? String(file.name.dropLast(6)) : file.name
        let parts = name.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map(String.init)
        let property =
            (parts.first.map(SwiftName.lowered) ?? "") + parts.dropFirst().map(SwiftName.raised).joined()
        text.line("extension ProtobufFile {")
        text.line("    /// `\(file.name)`.")
        text.line("    public static let \(property) = ProtobufFile(")
        text.line("        name: \"\(file.name)\",")
        text.line("        dependencies: \(Self.literal(file.dependency)),")
        text.line("        symbols: [")
        for symbol in symbols { text.line("            \"\(symbol)\",") }
        text.line("        ],")
        text.line("        descriptor: \"\"\"")
        var plain = file
        plain.sourceCodeInfo = nil
        for line in Base64.lines(plain.protobufBytes(), width: 96) { text.line("            \(line)") }
        text.line("            \"\"\")")
        text.line("}")
    }

    private static func literal(_ names: [String]) -> String {
        "[" + names.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }

    /// The full names of all that the file defines.
    private var symbols: [String] {
        let scope = file.package.isEmpty ? "" : file.package + "."
        var found = file.service.map { scope + $0.name } + file.enumType.map { scope + $0.name }
        func add(_ message: MessageDescriptor, _ scope: String) {
            guard message.options?.mapEntry != true else { return }
            found.append(scope + message.name)
            found += message.enumType.map { "\(scope)\(message.name).\($0.name)" }
            for nested in message.nestedType { add(nested, "\(scope)\(message.name).") }
        }
        for message in file.messageType { add(message, scope) }
        return found.sorted()
    }
}
