/// The code that writes a message: from the last field to the first.
struct MessageWritingSource {
    let source: MessageSource

    init(_ source: MessageSource) { self.source = source }

    func write(to text: inout SourceText) throws(GeneratorError) {
        try text.block("public func write(to writer: inout ProtobufWriter)") { text throws(GeneratorError) in
            text.line("writer.unknown(unknownFields)")
            let fields = source.fields.sorted { $0.number > $1.number }
            var written: Set<Int> = []
            for (index, field) in fields.enumerated() {
                guard case .choice(let oneof) = field.shape else {
                    try write(field, to: &text)
                    continue
                }
                let members = source.members(of: oneof)
                // Members in a row take one switch; others stand where their numbers are.
                if fields[index...].prefix(members.count).allSatisfy({ $0.shape == field.shape }) {
                    if members.count > 1, written.insert(oneof).inserted {
                        writeChoices(members, source.choiceName(oneof), to: &text)
                        continue
                    }
                }
                if written.contains(oneof) { continue }
                let choice = source.choiceName(oneof)
                try text.block("if case .\(field.name)(let value)? = self.\(choice)") { text in
                    text.line("writer.\(field.value.method)(\(field.number), value)")
                }
            }
        }
    }

    private func writeChoices(_ members: [FieldPlan], _ choice: String, to text: inout SourceText) {
        text.line("switch self.\(choice) {")
        for field in members {
            text.line(
                "case .\(field.name)(let value)?: writer.\(field.value.method)(\(field.number), value)")
        }
        text.line("case nil: break")
        text.line("}")
    }

    private func write(_ field: FieldPlan, to text: inout SourceText) throws(GeneratorError) {
        let (name, number, value) = ("self.\(field.name)", field.number, field.value)
        switch field.shape {
        case .plain:
            text.line("if \(value.isSet(name)) { writer.\(value.method)(\(number), \(name)) }")
        case .optional:
            let bound = field.isBoxed ? "\(name)Box?.value" : name
            text.line("if let value = \(bound) { writer.\(value.method)(\(number), value) }")
        case .list(isPacked: true):
            text.line("writer.\(value.packedMethod)(\(number), \(name))")
        case .list(isPacked: false) where value.kind == .message:
            text.line("writer.messages(\(number), \(name))")
        case .list(isPacked: false):
            text.line("for value in \(name).reversed() { writer.\(value.method)(\(number), value) }")
        case .choice: break
        case .map:
            try text.block("writer.map(\(number), \(name))") { text in
                text.line("$0.\(value.method)(2, $2)")
                text.line("$0.\(field.key?.method ?? "")(1, $1)")
            }
        }
    }
}
