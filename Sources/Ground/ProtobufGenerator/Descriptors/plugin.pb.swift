// Made by protoc-gen-apollo of Descriptors/plugin.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf

/// Asks for the code of some files.
public struct GeneratorRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.GeneratorRequest" }

    /// The files that code is wanted for.
    public var fileToGenerate: [String] = []
    /// What the command line says by `--apollo_opt`, with commas between.
    public var parameter: String = ""
    /// These files and all they import, what is imported first.
    public var protoFile: [FileDescriptor] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(fileToGenerate: [String] = [], parameter: String = "", protoFile: [FileDescriptor] = []) {
        self.fileToGenerate = fileToGenerate
        self.parameter = parameter
        self.protoFile = protoFile
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.fileToGenerate.append(try reader.string())
            case 18: self.parameter = try reader.string()
            case 122: try reader.message(appendingTo: &self.protoFile)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(15, self.protoFile)
        if !self.parameter.isEmpty { writer.string(2, self.parameter) }
        for value in self.fileToGenerate.reversed() { writer.string(1, value) }
    }
}

/// The code, or why there is none.
public struct GeneratorResponse: ProtobufMessage {
    public static var protobufName: String { "apollo.protobuf.GeneratorResponse" }

    /// `apollo.protobuf.GeneratorResponse.File`.
    public struct File: ProtobufMessage {
        public static var protobufName: String { "apollo.protobuf.GeneratorResponse.File" }

        public var name: String = ""
        public var content: String = ""
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(name: String = "", content: String = "") {
            self.name = name
            self.content = content
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.name = try reader.string()
                case 122: self.content = try reader.string()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if !self.content.isEmpty { writer.string(15, self.content) }
            if !self.name.isEmpty { writer.string(1, self.name) }
        }
    }

    /// What is wrong with the files; protoc shows it and fails.
    public var error: String?
    /// Bit 0: `optional` in proto3 is understood. Without it protoc refuses such files.
    public var supportedFeatures: UInt64 = 0
    public var file: [GeneratorResponse.File] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(error: String? = nil, supportedFeatures: UInt64 = 0, file: [GeneratorResponse.File] = []) {
        self.error = error
        self.supportedFeatures = supportedFeatures
        self.file = file
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.error = try reader.string()
            case 16: self.supportedFeatures = try reader.uint64()
            case 122: try reader.message(appendingTo: &self.file)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(15, self.file)
        if self.supportedFeatures != 0 { writer.uint64(2, self.supportedFeatures) }
        if let value = self.error { writer.string(1, value) }
    }
}

extension ProtobufFile {
    /// `Descriptors/plugin.proto`.
    public static let descriptorsPlugin = ProtobufFile(
        name: "Descriptors/plugin.proto",
        dependencies: ["Descriptors/descriptor.proto"],
        symbols: [
            "apollo.protobuf.GeneratorRequest",
            "apollo.protobuf.GeneratorResponse",
            "apollo.protobuf.GeneratorResponse.File",
        ],
        descriptor: """
            ChhEZXNjcmlwdG9ycy9wbHVnaW4ucHJvdG8SD2Fwb2xsby5wcm90b2J1ZhocRGVzY3JpcHRvcnMvZGVzY3JpcHRvci5wcm90
            byKaAQoQR2VuZXJhdG9yUmVxdWVzdBIoChBmaWxlX3RvX2dlbmVyYXRlGAEgAygJUg5maWxlVG9HZW5lcmF0ZRIcCglwYXJh
            bWV0ZXIYAiABKAlSCXBhcmFtZXRlchI+Cgpwcm90b19maWxlGA8gAygLMh8uYXBvbGxvLnByb3RvYnVmLkZpbGVEZXNjcmlw
            dG9yUglwcm90b0ZpbGUi2gEKEUdlbmVyYXRvclJlc3BvbnNlEhkKBWVycm9yGAEgASgJSACIAQFSBWVycm9yEi0KEnN1cHBv
            cnRlZF9mZWF0dXJlcxgCIAEoBFIRc3VwcG9ydGVkRmVhdHVyZXMSOwoEZmlsZRgPIAMoCzInLmFwb2xsby5wcm90b2J1Zi5H
            ZW5lcmF0b3JSZXNwb25zZS5GaWxlUgRmaWxlGjQKBEZpbGUSEgoEbmFtZRgBIAEoCVIEbmFtZRIYCgdjb250ZW50GA8gASgJ
            Ugdjb250ZW50QggKBl9lcnJvcmIGcHJvdG8z
            """)
}
