/// The code of one message, with all that lies in it.
struct MessageSource {
    let message: MessageDescriptor
    /// Its full name, with a dot before it.
    let name: String
    let path: [Int32]
    let context: FileContext
    let fields: [FieldPlan]

    init(_ message: MessageDescriptor, name: String, path: [Int32], _ context: FileContext)
        throws(GeneratorError)
    {
        self.message = message
        self.name = name
        self.path = path
        self.context = context
        var fields: [FieldPlan] = []
        for field in message.field {
            fields.append(
                try FieldPlan(
                    field, of: message, named: name, in: context.schema, isProto3: context.isProto3))
        }
        self.fields = fields
        var names: [String: String] = [:]
        let choices = message.realOneofs.map { (message.oneofDecl[$0].name, choiceName($0)) }
        for (field, name) in fields.map({ ($0.descriptor.name, $0.name) }) + choices {
            if let other = names.updateValue(field, forKey: name) {
                throw GeneratorError(
                    file: "",
                    problem: "'\(other)' and '\(field)' of message '\(self.name.dropFirst())' are both "
                        + "'\(name)' in Swift; rename one")
            }
        }
    }

    func choiceName(_ oneof: Int) -> String { SwiftName.member(message.oneofDecl[oneof].name) }

    func members(of oneof: Int) -> [FieldPlan] { fields.filter { $0.shape == .choice(oneof) } }

    /// The fields that are properties of their own.
    var ownFields: [FieldPlan] {
        fields.filter { if case .choice = $0.shape { false } else { true } }
    }

    func write(to text: inout SourceText) throws(GeneratorError) {
        text.comment(context.comments.text(path, otherwise: "`\(name.dropFirst())`.")!)
        try text.block("public struct \(SwiftName.type(message.name)): ProtobufMessage") {
            text throws(GeneratorError) in
            text.line("public static var protobufName: String { \"\(name.dropFirst())\" }")
            text.line()
            writeNested(to: &text)
            for nested in nestedSources() {
                try nested.get().write(to: &text)
                text.line()
            }
            for oneof in message.realOneofs { try writeChoice(oneof, to: &text) }
            try writeProperties(to: &text)
            text.line("public var unknownFields = ProtobufUnknownFields()")
            text.line()
            text.line("public init() {}")
            text.line()
            try writeInitializer(to: &text)
            try MessageReadingSource(self).write(to: &text)
            text.line()
            try MessageWritingSource(self).write(to: &text)
        }
    }

    private func nestedSources() -> [Result<MessageSource, GeneratorError>] {
        message.nestedType.enumerated().filter { $0.element.options?.mapEntry != true }.map { index, nested in
            Result { () throws(GeneratorError) in
                try MessageSource(
                    nested, name: name + "." + nested.name, path: path + [3, Int32(index)], context)
            }
        }
    }

    private func writeNested(to text: inout SourceText) {
        for (index, enumeration) in message.enumType.enumerated() {
            EnumSource(
                enumeration: enumeration, name: name + "." + enumeration.name,
                path: path + [4, Int32(index)], comments: context.comments
            ).write(to: &text)
            text.line()
        }
    }

    private func writeChoice(_ oneof: Int, to text: inout SourceText) throws(GeneratorError) {
        let declared = message.oneofDecl[oneof].name
        text.comment("What `\(declared)` can be.")
        try text.block("public enum \(message.choice(of: oneof)): Hashable, Sendable") { text in
            for field in members(of: oneof) {
                if let comment = comment(of: field) { text.comment(comment) }
                text.line("\(field.isBoxed ? "indirect " : "")case \(field.escaped)(\(field.value.type))")
            }
        }
        text.line()
    }

    private func comment(of field: FieldPlan) -> String? {
        let index = message.field.firstIndex { $0.number == field.descriptor.number } ?? 0
        let comment = context.comments.text(path + [2, Int32(index)])
        guard field.descriptor.options?.deprecated == true else { return comment }
        // An attribute would be warned of here, where the field has to be read and written all the same.
        return (comment.map { $0 + "\n\n" } ?? "") + "Deprecated."
    }

    private func writeProperties(to text: inout SourceText) throws(GeneratorError) {
        for field in ownFields {
            if let comment = comment(of: field) { text.comment(comment) }
            guard field.isBoxed else {
                let initial = field.shape == .optional ? "" : " = \(field.initial)"
                text.line("public var \(field.escaped): \(field.type)\(initial)")
                continue
            }
            try text.block("public var \(field.escaped): \(field.type)") { text in
                text.line("get { \(field.name)Box?.value }")
                text.line("set { \(field.name)Box = newValue.map { ProtobufBox($0) } }")
            }
            text.line("private var \(field.name)Box: ProtobufBox<\(field.value.type)>?")
        }
        for oneof in message.realOneofs {
            let index = path + [8, Int32(oneof)]
            if let comment = context.comments.text(index) { text.comment(comment) }
            text.line("public var \(SwiftName.escaped(choiceName(oneof))): \(message.choice(of: oneof))?")
        }
        text.comment("Fields that this type does not have.")
    }

    /// One that takes the fields, those that matter.
    private func writeInitializer(to text: inout SourceText) throws(GeneratorError) {
        var properties = ownFields.map {
            ($0.escaped, $0.name, $0.type, $0.initial)
        }
        properties += message.realOneofs.map {
            (SwiftName.escaped(choiceName($0)), choiceName($0), message.choice(of: $0) + "?", "nil")
        }
        guard !properties.isEmpty else { return }
        text.list("public init(", properties.map { "\($0.0): \($0.2) = \($0.3)" }, ") {")
        for property in properties { text.line("    self.\(property.1) = \(property.0)") }
        text.line("}")
        text.line()
    }
}
