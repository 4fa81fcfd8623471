/// The code that reads a message.
struct MessageReadingSource {
    let source: MessageSource

    init(_ source: MessageSource) { self.source = source }

    func write(to text: inout SourceText) throws(GeneratorError) {
        try text.block("public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError)")
        {
            text throws(GeneratorError) in
            try text.block("while let tag = try reader.nextTag()") { text throws(GeneratorError) in
                text.line("switch tag {")
                for field in source.fields { try write(field, to: &text) }
                text.line("default: try reader.keep(tag, in: &unknownFields)")
                text.line("}")
            }
        }
    }

    private func write(_ field: FieldPlan, to text: inout SourceText) throws(GeneratorError) {
        let tag = field.number << 3 | field.value.wireType
        let value = field.value
        switch field.shape {
        case .plain, .optional:
            if value.kind == .message {
                let target = field.isBoxed ? field.name + "Box" : field.name
                text.line("case \(tag): try reader.message(into: &self.\(target))")
            } else {
                text.line("case \(tag): self.\(field.name) = try reader.\(value.method)()")
            }
        case .list:
            if value.kind == .message {
                text.line("case \(tag): try reader.message(appendingTo: &self.\(field.name))")
                return
            }
            // Readers take either form, whichever the file says.
            text.line("case \(tag): self.\(field.name).append(try reader.\(value.method)())")
            if value.isPackable {
                let packed = field.number << 3 | 2
                text.line("case \(packed): try reader.\(value.packedMethod)(into: &self.\(field.name))")
            }
        case .choice(let oneof):
            writeChoice(field, tag, choice: source.choiceName(oneof), to: &text)
        case .map:
            try writeMap(field, to: &text)
        }
    }

    private func writeChoice(_ field: FieldPlan, _ tag: Int, choice: String, to text: inout SourceText) {
        guard field.value.kind == .message else {
            text.line("case \(tag): self.\(choice) = .\(field.name)(try reader.\(field.value.method)())")
            return
        }
        text.line("case \(tag):")
        text.line("    var value = \(field.value.type)()")
        text.line("    if case .\(field.name)(let current)? = self.\(choice) { value = current }")
        text.line("    try reader.message(into: &value)")
        text.line("    self.\(choice) = .\(field.name)(value)")
    }

    private func writeMap(_ field: FieldPlan, to text: inout SourceText) throws(GeneratorError) {
        guard let key = field.key else { return }
        text.line("case \(field.number << 3 | 2):")
        let value = field.value
        let read =
            value.kind == .message
            ? "try reader.message(into: &value)" : "value = try reader.\(value.method)()"
        text.line("    let enclosure = try reader.enter()")
        text.line("    var (key, value): (\(key.type), \(value.type)) = (\(key.initial), \(value.initial))")
        text.line("    while let tag = try reader.nextTag() {")
        text.line("        switch tag {")
        text.line("        case \(1 << 3 | key.wireType): key = try reader.\(key.method)()")
        text.line("        case \(2 << 3 | value.wireType): \(read)")
        text.line("        default: try reader.skip(tag)")
        text.line("        }")
        text.line("    }")
        text.line("    reader.leave(enclosure)")
        text.line("    self.\(field.name)[key] = value")
    }
}
