/// A field, and everything the code for it depends on.
struct FieldPlan {
    enum Shape: Equatable {
        /// Always has a value; its default is not written.
        case plain
        case optional
        case list(isPacked: Bool)
        case map
        /// One of the values of a `oneof`, by its index.
        case choice(Int)
    }

    var descriptor: FieldDescriptor
    var name: String
    var shape: Shape
    var value: ValuePlan
    /// The key of a map.
    var key: ValuePlan?
    /// Whether its message is held in a box.
    var isBoxed = false

    var number: Int { Int(descriptor.number) }
    /// The name as it declares, and as it stands alone.
    var escaped: String { SwiftName.escaped(name) }

    var type: String {
        switch shape {
        case .plain, .choice: value.type
        case .optional: value.type + "?"
        case .list: "[\(value.type)]"
        case .map: "[\(key?.type ?? ""): \(value.type)]"
        }
    }

    var initial: String {
        switch shape {
        case .plain, .choice: value.initial
        case .optional: "nil"
        case .list: "[]"
        case .map: "[:]"
        }
    }

    init(
        _ field: FieldDescriptor, of message: MessageDescriptor, named scope: String, in schema: Schema,
        isProto3: Bool
    ) throws(GeneratorError) {
        descriptor = field
        name = SwiftName.member(field.name)
        value = try ValuePlan(field, scope: scope, schema)
        if field.label == .required {
            throw ValuePlan.error(scope, field, "is required, which nobody can ever change; make it optional")
        }
        if field.label == .repeated {
            if let entry = schema.message(field.typeName), entry.options?.mapEntry == true,
                let keyField = entry.field.first(where: { $0.number == 1 }),
                let valueField = entry.field.first(where: { $0.number == 2 })
            {
                shape = .map
                key = try ValuePlan(keyField, scope: scope, schema)
                value = try ValuePlan(valueField, scope: scope, schema)
            } else {
                shape = .list(isPacked: value.isPackable && (field.options?.packed ?? isProto3))
            }
        } else if let index = field.oneofIndex, !field.proto3Optional {
            shape = .choice(Int(index))
        } else {
            shape =
                value.kind == .message || field.proto3Optional || !isProto3 ? .optional : .plain
        }
        let isChoice = if case .choice = shape { true } else { false }
        if value.kind == .message, shape == .optional || isChoice {
            isBoxed = Extent(schema: schema).boxes(field.typeName, in: scope)
        }
    }
}
