// Made by protoc-gen-apollo of Descriptors/descriptor.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf

/// One `.proto` file.
public struct FileDescriptor: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.FileDescriptor" }

    /// Its path, as others import it.
    public var name: String = ""
    public var package: String = ""
    /// The paths of the files it imports.
    public var dependency: [String] = []
    public var messageType: [MessageDescriptor] = []
    public var enumType: [EnumDescriptor] = []
    public var service: [ServiceDescriptor] = []
    public var sourceCodeInfo: SourceInfo?
    /// "proto3", or nothing for proto2.
    public var syntax: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        name: String = "", package: String = "", dependency: [String] = [],
        messageType: [MessageDescriptor] = [], enumType: [EnumDescriptor] = [],
        service: [ServiceDescriptor] = [], sourceCodeInfo: SourceInfo? = nil, syntax: String = ""
    ) {
        self.name = name
        self.package = package
        self.dependency = dependency
        self.messageType = messageType
        self.enumType = enumType
        self.service = service
        self.sourceCodeInfo = sourceCodeInfo
        self.syntax = syntax
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.name = try reader.string()
            case 18: self.package = try reader.string()
            case 26: self.dependency.append(try reader.string())
            case 34: try reader.message(appendingTo: &self.messageType)
            case 42: try reader.message(appendingTo: &self.enumType)
            case 50: try reader.message(appendingTo: &self.service)
            case 74: try reader.message(into: &self.sourceCodeInfo)
            case 98: self.syntax = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.syntax.isEmpty { writer.string(12, self.syntax) }
        if let value = self.sourceCodeInfo { writer.message(9, value) }
        writer.messages(6, self.service)
        writer.messages(5, self.enumType)
        writer.messages(4, self.messageType)
        for value in self.dependency.reversed() { writer.string(3, value) }
        if !self.package.isEmpty { writer.string(2, self.package) }
        if !self.name.isEmpty { writer.string(1, self.name) }
    }
}

/// A message, or the entry of a map.
public struct MessageDescriptor: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.MessageDescriptor" }

    public var name: String = ""
    public var field: [FieldDescriptor] = []
    public var nestedType: [MessageDescriptor] = []
    public var enumType: [EnumDescriptor] = []
    public var options: MessageOptions?
    public var oneofDecl: [OneofDescriptor] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        name: String = "", field: [FieldDescriptor] = [], nestedType: [MessageDescriptor] = [],
        enumType: [EnumDescriptor] = [], options: MessageOptions? = nil, oneofDecl: [OneofDescriptor] = []
    ) {
        self.name = name
        self.field = field
        self.nestedType = nestedType
        self.enumType = enumType
        self.options = options
        self.oneofDecl = oneofDecl
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.name = try reader.string()
            case 18: try reader.message(appendingTo: &self.field)
            case 26: try reader.message(appendingTo: &self.nestedType)
            case 34: try reader.message(appendingTo: &self.enumType)
            case 58: try reader.message(into: &self.options)
            case 66: try reader.message(appendingTo: &self.oneofDecl)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(8, self.oneofDecl)
        if let value = self.options { writer.message(7, value) }
        writer.messages(4, self.enumType)
        writer.messages(3, self.nestedType)
        writer.messages(2, self.field)
        if !self.name.isEmpty { writer.string(1, self.name) }
    }
}

/// `apollo.protobuf.MessageOptions`.
public struct MessageOptions: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.MessageOptions" }

    public var deprecated: Bool = false
    /// Whether it is what protoc makes of a map: a message of a key, 1, and a value, 2.
    public var mapEntry: Bool = false
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(deprecated: Bool = false, mapEntry: Bool = false) {
        self.deprecated = deprecated
        self.mapEntry = mapEntry
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 24: self.deprecated = try reader.bool()
            case 56: self.mapEntry = try reader.bool()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.mapEntry { writer.bool(7, self.mapEntry) }
        if self.deprecated { writer.bool(3, self.deprecated) }
    }
}

/// `apollo.protobuf.FieldDescriptor`.
public struct FieldDescriptor: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.FieldDescriptor" }

    public var name: String = ""
    public var number: Int32 = 0
    public var label: FieldLabel = FieldLabel()
    public var type: FieldKind = FieldKind()
    /// The full name of its message or enumeration, with a dot before it.
    public var typeName: String = ""
    public var options: FieldOptions?
    /// Which of the message's `oneof`s it belongs to.
    public var oneofIndex: Int32?
    /// Whether it is `optional` in proto3. It then has a `oneof` to itself, which is not real.
    public var proto3Optional: Bool = false
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        name: String = "", number: Int32 = 0, label: FieldLabel = FieldLabel(), type: FieldKind = FieldKind(),
        typeName: String = "", options: FieldOptions? = nil, oneofIndex: Int32? = nil,
        proto3Optional: Bool = false
    ) {
        self.name = name
        self.number = number
        self.label = label
        self.type = type
        self.typeName = typeName
        self.options = options
        self.oneofIndex = oneofIndex
        self.proto3Optional = proto3Optional
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.name = try reader.string()
            case 24: self.number = try reader.int32()
            case 32: self.label = try reader.enumeration()
            case 40: self.type = try reader.enumeration()
            case 50: self.typeName = try reader.string()
            case 66: try reader.message(into: &self.options)
            case 72: self.oneofIndex = try reader.int32()
            case 136: self.proto3Optional = try reader.bool()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.proto3Optional { writer.bool(17, self.proto3Optional) }
        if let value = self.oneofIndex { writer.int32(9, value) }
        if let value = self.options { writer.message(8, value) }
        if !self.typeName.isEmpty { writer.string(6, self.typeName) }
        if self.type.rawValue != 0 { writer.enumeration(5, self.type) }
        if self.label.rawValue != 0 { writer.enumeration(4, self.label) }
        if self.number != 0 { writer.int32(3, self.number) }
        if !self.name.isEmpty { writer.string(1, self.name) }
    }
}

/// `apollo.protobuf.FieldOptions`.
public struct FieldOptions: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.FieldOptions" }

    public var packed: Bool?
    public var deprecated: Bool = false
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(packed: Bool? = nil, deprecated: Bool = false) {
        self.packed = packed
        self.deprecated = deprecated
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 16: self.packed = try reader.bool()
            case 24: self.deprecated = try reader.bool()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.deprecated { writer.bool(3, self.deprecated) }
        if let value = self.packed { writer.bool(2, value) }
    }
}

/// `apollo.protobuf.OneofDescriptor`.
public struct OneofDescriptor: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.OneofDescriptor" }

    public var name: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(name: String = "") {
        self.name = name
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.name = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.name.isEmpty { writer.string(1, self.name) }
    }
}

/// `apollo.protobuf.EnumDescriptor`.
public struct EnumDescriptor: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.EnumDescriptor" }

    public var name: String = ""
    public var value: [EnumValueDescriptor] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(name: String = "", value: [EnumValueDescriptor] = []) {
        self.name = name
        self.value = value
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.name = try reader.string()
            case 18: try reader.message(appendingTo: &self.value)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(2, self.value)
        if !self.name.isEmpty { writer.string(1, self.name) }
    }
}

/// `apollo.protobuf.EnumValueDescriptor`.
public struct EnumValueDescriptor: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.EnumValueDescriptor" }

    public var name: String = ""
    public var number: Int32 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(name: String = "", number: Int32 = 0) {
        self.name = name
        self.number = number
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.name = try reader.string()
            case 16: self.number = try reader.int32()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.number != 0 { writer.int32(2, self.number) }
        if !self.name.isEmpty { writer.string(1, self.name) }
    }
}

/// `apollo.protobuf.ServiceDescriptor`.
public struct ServiceDescriptor: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.ServiceDescriptor" }

    public var name: String = ""
    public var method: [MethodDescriptor] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(name: String = "", method: [MethodDescriptor] = []) {
        self.name = name
        self.method = method
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.name = try reader.string()
            case 18: try reader.message(appendingTo: &self.method)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(2, self.method)
        if !self.name.isEmpty { writer.string(1, self.name) }
    }
}

/// `apollo.protobuf.MethodDescriptor`.
public struct MethodDescriptor: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.MethodDescriptor" }

    public var name: String = ""
    /// The full name of the message it takes, with a dot before it.
    public var inputType: String = ""
    /// The full name of the message it answers with, with a dot before it.
    public var outputType: String = ""
    public var clientStreaming: Bool = false
    public var serverStreaming: Bool = false
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        name: String = "", inputType: String = "", outputType: String = "", clientStreaming: Bool = false,
        serverStreaming: Bool = false
    ) {
        self.name = name
        self.inputType = inputType
        self.outputType = outputType
        self.clientStreaming = clientStreaming
        self.serverStreaming = serverStreaming
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.name = try reader.string()
            case 18: self.inputType = try reader.string()
            case 26: self.outputType = try reader.string()
            case 40: self.clientStreaming = try reader.bool()
            case 48: self.serverStreaming = try reader.bool()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.serverStreaming { writer.bool(6, self.serverStreaming) }
        if self.clientStreaming { writer.bool(5, self.clientStreaming) }
        if !self.outputType.isEmpty { writer.string(3, self.outputType) }
        if !self.inputType.isEmpty { writer.string(2, self.inputType) }
        if !self.name.isEmpty { writer.string(1, self.name) }
    }
}

/// What stands where in the file, and the comments around it.
public struct SourceInfo: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.SourceInfo" }

    /// `apollo.protobuf.SourceInfo.Location`.
    public struct Location: ProtobufMessage {
        public static var protobufName: String { "apollo.protobuf.SourceInfo.Location" }

        /// From the file down: the number of a field of the descriptors, then an index where it is a list.
        public var path: [Int32] = []
        public var leadingComments: String = ""
        public var trailingComments: String = ""
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(path: [Int32] = [], leadingComments: String = "", trailingComments: String = "") {
            self.path = path
            self.leadingComments = leadingComments
            self.trailingComments = trailingComments
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: self.path.append(try reader.int32())
                case 10: try reader.packedInt32(into: &self.path)
                case 26: self.leadingComments = try reader.string()
                case 34: self.trailingComments = try reader.string()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if !self.trailingComments.isEmpty { writer.string(4, self.trailingComments) }
            if !self.leadingComments.isEmpty { writer.string(3, self.leadingComments) }
            writer.packedInt32(1, self.path)
        }
    }

    public var location: [SourceInfo.Location] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(location: [SourceInfo.Location] = []) {
        self.location = location
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(appendingTo: &self.location)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(1, self.location)
    }
}

/// `apollo.protobuf.FieldLabel`.
public struct FieldLabel: ProtobufEnumeration {
    public static let unspecified = FieldLabel(rawValue: 0)
    public static let optional = FieldLabel(rawValue: 1)
    public static let required = FieldLabel(rawValue: 2)
    public static let repeated = FieldLabel(rawValue: 3)

    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let protobufNames: [Int32: String] = [
        0: "FIELD_LABEL_UNSPECIFIED",
        1: "FIELD_LABEL_OPTIONAL",
        2: "FIELD_LABEL_REQUIRED",
        3: "FIELD_LABEL_REPEATED",
    ]
}

/// `apollo.protobuf.FieldKind`.
public struct FieldKind: ProtobufEnumeration {
    public static let unspecified = FieldKind(rawValue: 0)
    public static let double = FieldKind(rawValue: 1)
    public static let float = FieldKind(rawValue: 2)
    public static let int64 = FieldKind(rawValue: 3)
    public static let uint64 = FieldKind(rawValue: 4)
    public static let int32 = FieldKind(rawValue: 5)
    public static let fixed64 = FieldKind(rawValue: 6)
    public static let fixed32 = FieldKind(rawValue: 7)
    public static let bool = FieldKind(rawValue: 8)
    public static let string = FieldKind(rawValue: 9)
    public static let group = FieldKind(rawValue: 10)
    public static let message = FieldKind(rawValue: 11)
    public static let bytes = FieldKind(rawValue: 12)
    public static let uint32 = FieldKind(rawValue: 13)
    public static let `enum` = FieldKind(rawValue: 14)
    public static let sfixed32 = FieldKind(rawValue: 15)
    public static let sfixed64 = FieldKind(rawValue: 16)
    public static let sint32 = FieldKind(rawValue: 17)
    public static let sint64 = FieldKind(rawValue: 18)

    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let protobufNames: [Int32: String] = [
        0: "FIELD_KIND_UNSPECIFIED",
        1: "FIELD_KIND_DOUBLE",
        2: "FIELD_KIND_FLOAT",
        3: "FIELD_KIND_INT64",
        4: "FIELD_KIND_UINT64",
        5: "FIELD_KIND_INT32",
        6: "FIELD_KIND_FIXED64",
        7: "FIELD_KIND_FIXED32",
        8: "FIELD_KIND_BOOL",
        9: "FIELD_KIND_STRING",
        10: "FIELD_KIND_GROUP",
        11: "FIELD_KIND_MESSAGE",
        12: "FIELD_KIND_BYTES",
        13: "FIELD_KIND_UINT32",
        14: "FIELD_KIND_ENUM",
        15: "FIELD_KIND_SFIXED32",
        16: "FIELD_KIND_SFIXED64",
        17: "FIELD_KIND_SINT32",
        18: "FIELD_KIND_SINT64",
    ]
}

extension ProtobufFile {
    /// `Descriptors/descriptor.proto`.
    public static let descriptorsDescriptor = ProtobufFile(
        name: "Descriptors/descriptor.proto",
        dependencies: [],
        symbols: [
            "apollo.protobuf.EnumDescriptor",
            "apollo.protobuf.EnumValueDescriptor",
            "apollo.protobuf.FieldDescriptor",
            "apollo.protobuf.FieldKind",
            "apollo.protobuf.FieldLabel",
            "apollo.protobuf.FieldOptions",
            "apollo.protobuf.FileDescriptor",
            "apollo.protobuf.MessageDescriptor",
            "apollo.protobuf.MessageOptions",
            "apollo.protobuf.MethodDescriptor",
            "apollo.protobuf.OneofDescriptor",
            "apollo.protobuf.ServiceDescriptor",
            "apollo.protobuf.SourceInfo",
            "apollo.protobuf.SourceInfo.Location",
        ],
        descriptor: """
            ChxEZXNjcmlwdG9ycy9kZXNjcmlwdG9yLnByb3RvEg9hcG9sbG8ucHJvdG9idWYigAMKDkZpbGVEZXNjcmlwdG9yEhIKBG5h
            bWUYASABKAlSBG5hbWUSGAoHcGFja2FnZRgCIAEoCVIHcGFja2FnZRIeCgpkZXBlbmRlbmN5GAMgAygJUgpkZXBlbmRlbmN5
            EkUKDG1lc3NhZ2VfdHlwZRgEIAMoCzIiLmFwb2xsby5wcm90b2J1Zi5NZXNzYWdlRGVzY3JpcHRvclILbWVzc2FnZVR5cGUS
            PAoJZW51bV90eXBlGAUgAygLMh8uYXBvbGxvLnByb3RvYnVmLkVudW1EZXNjcmlwdG9yUghlbnVtVHlwZRI8CgdzZXJ2aWNl
            GAYgAygLMiIuYXBvbGxvLnByb3RvYnVmLlNlcnZpY2VEZXNjcmlwdG9yUgdzZXJ2aWNlEkUKEHNvdXJjZV9jb2RlX2luZm8Y
            CSABKAsyGy5hcG9sbG8ucHJvdG9idWYuU291cmNlSW5mb1IOc291cmNlQ29kZUluZm8SFgoGc3ludGF4GAwgASgJUgZzeW50
            YXgi3gIKEU1lc3NhZ2VEZXNjcmlwdG9yEhIKBG5hbWUYASABKAlSBG5hbWUSNgoFZmllbGQYAiADKAsyIC5hcG9sbG8ucHJv
            dG9idWYuRmllbGREZXNjcmlwdG9yUgVmaWVsZBJDCgtuZXN0ZWRfdHlwZRgDIAMoCzIiLmFwb2xsby5wcm90b2J1Zi5NZXNz
            YWdlRGVzY3JpcHRvclIKbmVzdGVkVHlwZRI8CgllbnVtX3R5cGUYBCADKAsyHy5hcG9sbG8ucHJvdG9idWYuRW51bURlc2Ny
            aXB0b3JSCGVudW1UeXBlEjkKB29wdGlvbnMYByABKAsyHy5hcG9sbG8ucHJvdG9idWYuTWVzc2FnZU9wdGlvbnNSB29wdGlv
            bnMSPwoKb25lb2ZfZGVjbBgIIAMoCzIgLmFwb2xsby5wcm90b2J1Zi5PbmVvZkRlc2NyaXB0b3JSCW9uZW9mRGVjbCJNCg5N
            ZXNzYWdlT3B0aW9ucxIeCgpkZXByZWNhdGVkGAMgASgIUgpkZXByZWNhdGVkEhsKCW1hcF9lbnRyeRgHIAEoCFIIbWFwRW50
            cnki1QIKD0ZpZWxkRGVzY3JpcHRvchISCgRuYW1lGAEgASgJUgRuYW1lEhYKBm51bWJlchgDIAEoBVIGbnVtYmVyEjEKBWxh
            YmVsGAQgASgOMhsuYXBvbGxvLnByb3RvYnVmLkZpZWxkTGFiZWxSBWxhYmVsEi4KBHR5cGUYBSABKA4yGi5hcG9sbG8ucHJv
            dG9idWYuRmllbGRLaW5kUgR0eXBlEhsKCXR5cGVfbmFtZRgGIAEoCVIIdHlwZU5hbWUSNwoHb3B0aW9ucxgIIAEoCzIdLmFw
            b2xsby5wcm90b2J1Zi5GaWVsZE9wdGlvbnNSB29wdGlvbnMSJAoLb25lb2ZfaW5kZXgYCSABKAVIAIgBAVIKb25lb2ZJbmRl
            eBInCg9wcm90bzNfb3B0aW9uYWwYESABKAhSDnByb3RvM09wdGlvbmFsQg4KDF9vbmVvZl9pbmRleCJWCgxGaWVsZE9wdGlv
            bnMSGwoGcGFja2VkGAIgASgISACIAQFSBnBhY2tlZBIeCgpkZXByZWNhdGVkGAMgASgIUgpkZXByZWNhdGVkQgkKB19wYWNr
            ZWQiJQoPT25lb2ZEZXNjcmlwdG9yEhIKBG5hbWUYASABKAlSBG5hbWUiYAoORW51bURlc2NyaXB0b3ISEgoEbmFtZRgBIAEo
            CVIEbmFtZRI6CgV2YWx1ZRgCIAMoCzIkLmFwb2xsby5wcm90b2J1Zi5FbnVtVmFsdWVEZXNjcmlwdG9yUgV2YWx1ZSJBChNF
            bnVtVmFsdWVEZXNjcmlwdG9yEhIKBG5hbWUYASABKAlSBG5hbWUSFgoGbnVtYmVyGAIgASgFUgZudW1iZXIiYgoRU2Vydmlj
            ZURlc2NyaXB0b3ISEgoEbmFtZRgBIAEoCVIEbmFtZRI5CgZtZXRob2QYAiADKAsyIS5hcG9sbG8ucHJvdG9idWYuTWV0aG9k
            RGVzY3JpcHRvclIGbWV0aG9kIrwBChBNZXRob2REZXNjcmlwdG9yEhIKBG5hbWUYASABKAlSBG5hbWUSHQoKaW5wdXRfdHlw
            ZRgCIAEoCVIJaW5wdXRUeXBlEh8KC291dHB1dF90eXBlGAMgASgJUgpvdXRwdXRUeXBlEikKEGNsaWVudF9zdHJlYW1pbmcY
            BSABKAhSD2NsaWVudFN0cmVhbWluZxIpChBzZXJ2ZXJfc3RyZWFtaW5nGAYgASgIUg9zZXJ2ZXJTdHJlYW1pbmcixgEKClNv
            dXJjZUluZm8SQAoIbG9jYXRpb24YASADKAsyJC5hcG9sbG8ucHJvdG9idWYuU291cmNlSW5mby5Mb2NhdGlvblIIbG9jYXRp
            b24adgoITG9jYXRpb24SEgoEcGF0aBgBIAMoBVIEcGF0aBIpChBsZWFkaW5nX2NvbW1lbnRzGAMgASgJUg9sZWFkaW5nQ29t
            bWVudHMSKwoRdHJhaWxpbmdfY29tbWVudHMYBCABKAlSEHRyYWlsaW5nQ29tbWVudHMqdQoKRmllbGRMYWJlbBIZChdGSUVM
            RF9MQUJFTF9VTlNQRUNJRklFRBIYChRGSUVMRF9MQUJFTF9PUFRJT05BTBABEhgKFEZJRUxEX0xBQkVMX1JFUVVJUkVEEAIS
            GAoURklFTERfTEFCRUxfUkVQRUFURUQQAyrBAwoJRmllbGRLaW5kEhgKFkZJRUxEX0tJTkRfVU5TUEVDSUZJRUQSFQoRRklF
            TERfS0lORF9ET1VCTEUQARIUChBGSUVMRF9LSU5EX0ZMT0FUEAISFAoQRklFTERfS0lORF9JTlQ2NBADEhUKEUZJRUxEX0tJ
            TkRfVUlOVDY0EAQSFAoQRklFTERfS0lORF9JTlQzMhAFEhYKEkZJRUxEX0tJTkRfRklYRUQ2NBAGEhYKEkZJRUxEX0tJTkRf
            RklYRUQzMhAHEhMKD0ZJRUxEX0tJTkRfQk9PTBAIEhUKEUZJRUxEX0tJTkRfU1RSSU5HEAkSFAoQRklFTERfS0lORF9HUk9V
            UBAKEhYKEkZJRUxEX0tJTkRfTUVTU0FHRRALEhQKEEZJRUxEX0tJTkRfQllURVMQDBIVChFGSUVMRF9LSU5EX1VJTlQzMhAN
            EhMKD0ZJRUxEX0tJTkRfRU5VTRAOEhcKE0ZJRUxEX0tJTkRfU0ZJWEVEMzIQDxIXChNGSUVMRF9LSU5EX1NGSVhFRDY0EBAS
            FQoRRklFTERfS0lORF9TSU5UMzIQERIVChFGSUVMRF9LSU5EX1NJTlQ2NBASYgZwcm90bzM
            """)
}
