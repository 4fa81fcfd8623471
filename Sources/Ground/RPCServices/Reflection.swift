public import Protobuf
public import RPCModel

/// Tells a client which services there are, and which files describe them.
public struct Reflection: ServerReflectionService {
    private let services: [String]
    private let files: [String: ProtobufFile]
    private let owners: [String: String]

    /// `services` are the full names of what is served, `files` all that describe them, with what they import.
    public init(services: [String], files: [ProtobufFile]) {
        self.services = services.sorted()
        var (named, owners): ([String: ProtobufFile], [String: String]) = ([:], [:])
        for file in files {
            named[file.name] = file
            for symbol in file.symbols { owners[symbol] = file.name }
        }
        self.files = named
        self.owners = owners
    }

    public func serverReflectionInfo(
        _ requests: RPCReader<ServerReflectionRequest>, to responses: RPCWriter<ServerReflectionResponse>,
        context: RPCContext
    ) async throws {
        while let request = try await requests.next() {
            try await responses.write(
                ServerReflectionResponse(
                    validHost: request.host, originalRequest: request, messageResponse: answer(to: request)))
        }
    }

    /// What one question is answered with.
    func answer(to request: ServerReflectionRequest) -> ServerReflectionResponse.MessageResponse {
        switch request.messageRequest {
        case .listServices:
            .listServicesResponse(ListServiceResponse(service: services.map { ServiceResponse(name: $0) }))
        case .fileByFilename(let name):
            files[name].map(described) ?? missing("file '\(name)'")
        case .fileContainingSymbol(let symbol):
            owner(of: symbol).map(described) ?? missing("symbol '\(symbol)'")
        case .fileContainingExtension(let wanted):
            missing("extension \(wanted.extensionNumber) of '\(wanted.containingType)'")
        case .allExtensionNumbersOfType(let type):
            owners[type] == nil
                ? missing("type '\(type)'")
                : .allExtensionNumbersResponse(ExtensionNumberResponse(baseTypeName: type))
        case nil:
            .errorResponse(ErrorResponse(errorCode: 3, errorMessage: "the request asks for nothing"))
        }
    }

    /// The file of a symbol; a method or a field is in that of what it belongs to.
    private func owner(of symbol: String) -> ProtobufFile? {
        var name = symbol[...]
        while true {
            if let file = owners[String(name)] { return files[file] }
            guard let dot = name.lastIndex(of: ".") else { return nil }
            name = name[..<dot]
        }
    }

    /// The file, and all that it imports, each once.
    private func described(_ file: ProtobufFile) -> ServerReflectionResponse.MessageResponse {
        var (found, seen): ([[UInt8]], Set<String>) = ([], [file.name])
        var waiting = [file]
        while let next = waiting.popLast() {
            found.append(next.descriptor)
            for name in next.dependencies where seen.insert(name).inserted {
                if let imported = files[name] { waiting.append(imported) }
            }
        }
        return .fileDescriptorResponse(FileDescriptorResponse(fileDescriptorProto: found))
    }

    private func missing(_ what: String) -> ServerReflectionResponse.MessageResponse {
        .errorResponse(ErrorResponse(errorCode: 5, errorMessage: "there is no \(what)"))
    }
}
