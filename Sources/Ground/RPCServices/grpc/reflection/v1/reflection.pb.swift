// Made by protoc-gen-apollo of grpc/reflection/v1/reflection.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf
public import RPCModel

/// One question about what a server serves.
public struct ServerReflectionRequest: ProtobufMessage {
    public static var protobufName: String { "grpc.reflection.v1.ServerReflectionRequest" }

    /// What `message_request` can be.
    public enum MessageRequest: Hashable, Sendable {
        case fileByFilename(String)
        case fileContainingSymbol(String)
        case fileContainingExtension(ExtensionRequest)
        case allExtensionNumbersOfType(String)
        case listServices(String)
    }

    public var host: String = ""
    public var messageRequest: MessageRequest?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(host: String = "", messageRequest: MessageRequest? = nil) {
        self.host = host
        self.messageRequest = messageRequest
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.host = try reader.string()
            case 26: self.messageRequest = .fileByFilename(try reader.string())
            case 34: self.messageRequest = .fileContainingSymbol(try reader.string())
            case 42:
                var value = ExtensionRequest()
                if case .fileContainingExtension(let current)? = self.messageRequest { value = current }
                try reader.message(into: &value)
                self.messageRequest = .fileContainingExtension(value)
            case 50: self.messageRequest = .allExtensionNumbersOfType(try reader.string())
            case 58: self.messageRequest = .listServices(try reader.string())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        switch self.messageRequest {
        case .fileByFilename(let value)?: writer.string(3, value)
        case .fileContainingSymbol(let value)?: writer.string(4, value)
        case .fileContainingExtension(let value)?: writer.message(5, value)
        case .allExtensionNumbersOfType(let value)?: writer.string(6, value)
        case .listServices(let value)?: writer.string(7, value)
        case nil: break
        }
        if !self.host.isEmpty { writer.string(1, self.host) }
    }
}

/// An extension, by the type it extends and its number.
public struct ExtensionRequest: ProtobufMessage {
    public static var protobufName: String { "grpc.reflection.v1.ExtensionRequest" }

    public var containingType: String = ""
    public var extensionNumber: Int32 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(containingType: String = "", extensionNumber: Int32 = 0) {
        self.containingType = containingType
        self.extensionNumber = extensionNumber
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.containingType = try reader.string()
            case 16: self.extensionNumber = try reader.int32()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.extensionNumber != 0 { writer.int32(2, self.extensionNumber) }
        if !self.containingType.isEmpty { writer.string(1, self.containingType) }
    }
}

/// The answer, beside the question.
public struct ServerReflectionResponse: ProtobufMessage {
    public static var protobufName: String { "grpc.reflection.v1.ServerReflectionResponse" }

    /// What `message_response` can be.
    public enum MessageResponse: Hashable, Sendable {
        case fileDescriptorResponse(FileDescriptorResponse)
        case allExtensionNumbersResponse(ExtensionNumberResponse)
        case listServicesResponse(ListServiceResponse)
        case errorResponse(ErrorResponse)
    }

    public var validHost: String = ""
    public var originalRequest: ServerReflectionRequest?
    public var messageResponse: MessageResponse?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        validHost: String = "", originalRequest: ServerReflectionRequest? = nil,
        messageResponse: MessageResponse? = nil
    ) {
        self.validHost = validHost
        self.originalRequest = originalRequest
        self.messageResponse = messageResponse
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.validHost = try reader.string()
            case 18: try reader.message(into: &self.originalRequest)
            case 34:
                var value = FileDescriptorResponse()
                if case .fileDescriptorResponse(let current)? = self.messageResponse { value = current }
                try reader.message(into: &value)
                self.messageResponse = .fileDescriptorResponse(value)
            case 42:
                var value = ExtensionNumberResponse()
                if case .allExtensionNumbersResponse(let current)? = self.messageResponse { value = current }
                try reader.message(into: &value)
                self.messageResponse = .allExtensionNumbersResponse(value)
            case 50:
                var value = ListServiceResponse()
                if case .listServicesResponse(let current)? = self.messageResponse { value = current }
                try reader.message(into: &value)
                self.messageResponse = .listServicesResponse(value)
            case 58:
                var value = ErrorResponse()
                if case .errorResponse(let current)? = self.messageResponse { value = current }
                try reader.message(into: &value)
                self.messageResponse = .errorResponse(value)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        switch self.messageResponse {
        case .fileDescriptorResponse(let value)?: writer.message(4, value)
        case .allExtensionNumbersResponse(let value)?: writer.message(5, value)
        case .listServicesResponse(let value)?: writer.message(6, value)
        case .errorResponse(let value)?: writer.message(7, value)
        case nil: break
        }
        if let value = self.originalRequest { writer.message(2, value) }
        if !self.validHost.isEmpty { writer.string(1, self.validHost) }
    }
}

/// A file and all that it imports, each an encoded google.protobuf.FileDescriptorProto.
public struct FileDescriptorResponse: ProtobufMessage {
    public static var protobufName: String { "grpc.reflection.v1.FileDescriptorResponse" }

    public var fileDescriptorProto: [[UInt8]] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(fileDescriptorProto: [[UInt8]] = []) {
        self.fileDescriptorProto = fileDescriptorProto
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.fileDescriptorProto.append(try reader.bytes())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.fileDescriptorProto.reversed() { writer.bytes(1, value) }
    }
}

/// The numbers of all extensions of a type.
public struct ExtensionNumberResponse: ProtobufMessage {
    public static var protobufName: String { "grpc.reflection.v1.ExtensionNumberResponse" }

    public var baseTypeName: String = ""
    public var extensionNumber: [Int32] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(baseTypeName: String = "", extensionNumber: [Int32] = []) {
        self.baseTypeName = baseTypeName
        self.extensionNumber = extensionNumber
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.baseTypeName = try reader.string()
            case 16: self.extensionNumber.append(try reader.int32())
            case 18: try reader.packedInt32(into: &self.extensionNumber)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.packedInt32(2, self.extensionNumber)
        if !self.baseTypeName.isEmpty { writer.string(1, self.baseTypeName) }
    }
}

/// All services.
public struct ListServiceResponse: ProtobufMessage {
    public static var protobufName: String { "grpc.reflection.v1.ListServiceResponse" }

    public var service: [ServiceResponse] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(service: [ServiceResponse] = []) {
        self.service = service
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(appendingTo: &self.service)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(1, self.service)
    }
}

/// A service by its full name.
public struct ServiceResponse: ProtobufMessage {
    public static var protobufName: String { "grpc.reflection.v1.ServiceResponse" }

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

/// Why a question has no answer: a code of gRPC and what it is about.
public struct ErrorResponse: ProtobufMessage {
    public static var protobufName: String { "grpc.reflection.v1.ErrorResponse" }

    public var errorCode: Int32 = 0
    public var errorMessage: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(errorCode: Int32 = 0, errorMessage: String = "") {
        self.errorCode = errorCode
        self.errorMessage = errorMessage
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.errorCode = try reader.int32()
            case 18: self.errorMessage = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.errorMessage.isEmpty { writer.string(2, self.errorMessage) }
        if self.errorCode != 0 { writer.int32(1, self.errorCode) }
    }
}

/// The methods of `grpc.reflection.v1.ServerReflection`.
public enum ServerReflectionMethods {
    public static let serverReflectionInfo = RPCMethod<ServerReflectionRequest, ServerReflectionResponse>(
        service: "grpc.reflection.v1.ServerReflection", name: "ServerReflectionInfo", kind: .bidirectional,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try ServerReflectionRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try ServerReflectionResponse(protobuf: $0) }))
}

/// https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
///
/// What answers its calls; `service` is what a server is given.
public protocol ServerReflectionService: Sendable {
    func serverReflectionInfo(_ requests: RPCReader<ServerReflectionRequest>, to responses: RPCWriter<ServerReflectionResponse>, context: RPCContext) async throws
}

extension ServerReflectionService {
    /// The service, each of its calls answered by the method of its name.
    public var service: RPCService {
        RPCService("grpc.reflection.v1.ServerReflection", [
            .bidirectional(ServerReflectionMethods.serverReflectionInfo) { try await self.serverReflectionInfo($0, to: $1, context: $2) },
        ])
    }
}

/// https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
///
/// Calls it.
public struct ServerReflectionClient: Sendable {
    private let calls: any RPCCalling

    /// A client that calls through a channel, or a stand-in of a test.
    public init(_ calls: any RPCCalling) { self.calls = calls }

    public func serverReflectionInfo<Result: Sendable>(
        options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCRequests<ServerReflectionRequest>, RPCReader<ServerReflectionResponse>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(ServerReflectionMethods.serverReflectionInfo, options: options, body)
    }
}

extension ProtobufFile {
    /// `grpc/reflection/v1/reflection.proto`.
    public static let grpcReflectionV1Reflection = ProtobufFile(
        name: "grpc/reflection/v1/reflection.proto",
        dependencies: [],
        symbols: [
            "grpc.reflection.v1.ErrorResponse",
            "grpc.reflection.v1.ExtensionNumberResponse",
            "grpc.reflection.v1.ExtensionRequest",
            "grpc.reflection.v1.FileDescriptorResponse",
            "grpc.reflection.v1.ListServiceResponse",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1.ServerReflectionRequest",
            "grpc.reflection.v1.ServerReflectionResponse",
            "grpc.reflection.v1.ServiceResponse",
        ],
        descriptor: """
            CiNncnBjL3JlZmxlY3Rpb24vdjEvcmVmbGVjdGlvbi5wcm90bxISZ3JwYy5yZWZsZWN0aW9uLnYxIvMCChdTZXJ2ZXJSZWZs
            ZWN0aW9uUmVxdWVzdBISCgRob3N0GAEgASgJUgRob3N0EioKEGZpbGVfYnlfZmlsZW5hbWUYAyABKAlIAFIOZmlsZUJ5Rmls
            ZW5hbWUSNgoWZmlsZV9jb250YWluaW5nX3N5bWJvbBgEIAEoCUgAUhRmaWxlQ29udGFpbmluZ1N5bWJvbBJiChlmaWxlX2Nv
            bnRhaW5pbmdfZXh0ZW5zaW9uGAUgASgLMiQuZ3JwYy5yZWZsZWN0aW9uLnYxLkV4dGVuc2lvblJlcXVlc3RIAFIXZmlsZUNv
            bnRhaW5pbmdFeHRlbnNpb24SQgodYWxsX2V4dGVuc2lvbl9udW1iZXJzX29mX3R5cGUYBiABKAlIAFIZYWxsRXh0ZW5zaW9u
            TnVtYmVyc09mVHlwZRIlCg1saXN0X3NlcnZpY2VzGAcgASgJSABSDGxpc3RTZXJ2aWNlc0IRCg9tZXNzYWdlX3JlcXVlc3Qi
            ZgoQRXh0ZW5zaW9uUmVxdWVzdBInCg9jb250YWluaW5nX3R5cGUYASABKAlSDmNvbnRhaW5pbmdUeXBlEikKEGV4dGVuc2lv
            bl9udW1iZXIYAiABKAVSD2V4dGVuc2lvbk51bWJlciKuBAoYU2VydmVyUmVmbGVjdGlvblJlc3BvbnNlEh0KCnZhbGlkX2hv
            c3QYASABKAlSCXZhbGlkSG9zdBJWChBvcmlnaW5hbF9yZXF1ZXN0GAIgASgLMisuZ3JwYy5yZWZsZWN0aW9uLnYxLlNlcnZl
            clJlZmxlY3Rpb25SZXF1ZXN0Ug9vcmlnaW5hbFJlcXVlc3QSZgoYZmlsZV9kZXNjcmlwdG9yX3Jlc3BvbnNlGAQgASgLMiou
            Z3JwYy5yZWZsZWN0aW9uLnYxLkZpbGVEZXNjcmlwdG9yUmVzcG9uc2VIAFIWZmlsZURlc2NyaXB0b3JSZXNwb25zZRJyCh5h
            bGxfZXh0ZW5zaW9uX251bWJlcnNfcmVzcG9uc2UYBSABKAsyKy5ncnBjLnJlZmxlY3Rpb24udjEuRXh0ZW5zaW9uTnVtYmVy
            UmVzcG9uc2VIAFIbYWxsRXh0ZW5zaW9uTnVtYmVyc1Jlc3BvbnNlEl8KFmxpc3Rfc2VydmljZXNfcmVzcG9uc2UYBiABKAsy
            Jy5ncnBjLnJlZmxlY3Rpb24udjEuTGlzdFNlcnZpY2VSZXNwb25zZUgAUhRsaXN0U2VydmljZXNSZXNwb25zZRJKCg5lcnJv
            cl9yZXNwb25zZRgHIAEoCzIhLmdycGMucmVmbGVjdGlvbi52MS5FcnJvclJlc3BvbnNlSABSDWVycm9yUmVzcG9uc2VCEgoQ
            bWVzc2FnZV9yZXNwb25zZSJMChZGaWxlRGVzY3JpcHRvclJlc3BvbnNlEjIKFWZpbGVfZGVzY3JpcHRvcl9wcm90bxgBIAMo
            DFITZmlsZURlc2NyaXB0b3JQcm90byJqChdFeHRlbnNpb25OdW1iZXJSZXNwb25zZRIkCg5iYXNlX3R5cGVfbmFtZRgBIAEo
            CVIMYmFzZVR5cGVOYW1lEikKEGV4dGVuc2lvbl9udW1iZXIYAiADKAVSD2V4dGVuc2lvbk51bWJlciJUChNMaXN0U2Vydmlj
            ZVJlc3BvbnNlEj0KB3NlcnZpY2UYASADKAsyIy5ncnBjLnJlZmxlY3Rpb24udjEuU2VydmljZVJlc3BvbnNlUgdzZXJ2aWNl
            IiUKD1NlcnZpY2VSZXNwb25zZRISCgRuYW1lGAEgASgJUgRuYW1lIlMKDUVycm9yUmVzcG9uc2USHQoKZXJyb3JfY29kZRgB
            IAEoBVIJZXJyb3JDb2RlEiMKDWVycm9yX21lc3NhZ2UYAiABKAlSDGVycm9yTWVzc2FnZTKJAQoQU2VydmVyUmVmbGVjdGlv
            bhJ1ChRTZXJ2ZXJSZWZsZWN0aW9uSW5mbxIrLmdycGMucmVmbGVjdGlvbi52MS5TZXJ2ZXJSZWZsZWN0aW9uUmVxdWVzdBos
            LmdycGMucmVmbGVjdGlvbi52MS5TZXJ2ZXJSZWZsZWN0aW9uUmVzcG9uc2UoATABYgZwcm90bzM
            """)
}
