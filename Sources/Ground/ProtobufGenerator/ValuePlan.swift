/// One value of a field: its type in Swift, and what reads and writes it.
struct ValuePlan {
    var kind: FieldKind
    var type: String
    /// The value that is not written.
    var initial: String
    /// The method of the reader and of the writer.
    var method: String
    var wireType: Int

    var isPackable: Bool { wireType != 2 }

    /// `reader.packedInt32` and `writer.packedInt32`.
    var packedMethod: String {
        switch kind {
        case .uint32: "packedUInt32"
        case .uint64: "packedUInt64"
        case .sint32: "packedSInt32"
        case .sint64: "packedSInt64"
        case .sfixed32: "packedSFixed32"
        case .sfixed64: "packedSFixed64"
        default: "packed" + SwiftName.raised(method)
        }
    }

    init(_ field: FieldDescriptor, scope: String, _ schema: Schema) throws(GeneratorError) {
        let kind = field.type
        switch kind {
        case .double: self.init(kind, "Double", "0", "double", 1)
        case .float: self.init(kind, "Float", "0", "float", 5)
        case .int64: self.init(kind, "Int64", "0", "int64", 0)
        case .uint64: self.init(kind, "UInt64", "0", "uint64", 0)
        case .int32: self.init(kind, "Int32", "0", "int32", 0)
        case .fixed64: self.init(kind, "UInt64", "0", "fixed64", 1)
        case .fixed32: self.init(kind, "UInt32", "0", "fixed32", 5)
        case .bool: self.init(kind, "Bool", "false", "bool", 0)
        case .string: self.init(kind, "String", "\"\"", "string", 2)
        case .bytes: self.init(kind, "[UInt8]", "[]", "bytes", 2)
        case .uint32: self.init(kind, "UInt32", "0", "uint32", 0)
        case .sfixed32: self.init(kind, "Int32", "0", "sfixed32", 5)
        case .sfixed64: self.init(kind, "Int64", "0", "sfixed64", 1)
        case .sint32: self.init(kind, "Int32", "0", "sint32", 0)
        case .sint64: self.init(kind, "Int64", "0", "sint64", 0)
        case .message:
            let type = schema.reference(field.typeName, in: scope)
            self.init(kind, type, type + "()", "message", 2)
        case .enum:
            let type = schema.reference(field.typeName, in: scope)
            self.init(kind, type, type + "()", "enumeration", 0)
        case .group:
            throw Self.error(scope, field, "is a group; make a message of it")
        default:
            throw Self.error(scope, field, "has a type that is not known (\(field.type.rawValue))")
        }
    }

    private init(_ kind: FieldKind, _ type: String, _ initial: String, _ method: String, _ wireType: Int) {
        self.kind = kind
        self.type = type
        self.initial = initial
        self.method = method
        self.wireType = wireType
    }

    static func error(_ scope: String, _ field: FieldDescriptor, _ problem: String) -> GeneratorError {
        GeneratorError(
            file: "", problem: "field '\(field.name)' of message '\(scope.dropFirst())' \(problem)")
    }

    /// Whether the value of the variable `name` is not the default.
    func isSet(_ name: String) -> String {
        switch kind {
        case .bool: name
        case .string, .bytes: "!\(name).isEmpty"
        // Minus zero equals zero and is not the default.
        case .double, .float: "\(name).bitPattern != 0"
        case .enum: "\(name).rawValue != 0"
        default: "\(name) != 0"
        }
    }
}
