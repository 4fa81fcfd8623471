/// The code of one service: what a server has to answer, and what a client calls.
struct ServiceSource {
    /// A method, and its types in Swift.
    struct Method {
        var descriptor: MethodDescriptor
        var comment: String?
        var name: String
        var request: String
        var response: String

        var kind: String {
            switch (descriptor.clientStreaming, descriptor.serverStreaming) {
            case (false, false): "unary"
            case (false, true): "serverStreaming"
            case (true, false): "clientStreaming"
            case (true, true): "bidirectional"
            }
        }

        /// What a server implements.
        var requirement: String {
            var parameters = [
                descriptor.clientStreaming ? "_ requests: RPCReader<\(request)>" : "_ request: \(request)"
            ]
            if descriptor.serverStreaming { parameters.append("to responses: RPCWriter<\(response)>") }
            parameters.append("context: RPCContext")
            let result = descriptor.serverStreaming ? "" : " -> \(response)"
            return
                "func \(SwiftName.escaped(name))(\(parameters.joined(separator: ", "))) async throws\(result)"
        }

        /// How a handler calls it.
        var call: String {
            descriptor.serverStreaming
                ? "try await self.\(name)($0, to: $1, context: $2)"
                : "try await self.\(name)($0, context: $1)"
        }
    }

    private let service: ServiceDescriptor
    private let fullName: String
    private let type: String
    private let comment: String
    private let methods: [Method]

    init(_ service: ServiceDescriptor, index: Int32, package: String, _ context: FileContext)
        throws(GeneratorError)
    {
        self.service = service
        fullName = package.isEmpty ? service.name : "\(package).\(service.name)"
        type = SwiftName.type(service.name)
        comment = context.comments.text([6, index], otherwise: "`\(fullName)`.")!
        var methods: [Method] = []
        var names: Set<String> = []
        for (number, method) in service.method.enumerated() {
            let name = SwiftName.member(SwiftName.lowered(method.name))
            guard names.insert(name).inserted else {
                throw GeneratorError(
                    file: "",
                    problem: "two methods of service '\(fullName)' are '\(name)' in Swift; rename one")
            }
            methods.append(
                Method(
                    descriptor: method, comment: context.comments.text([6, index, 2, Int32(number)]),
                    name: name, request: context.schema.reference(method.inputType, in: ""),
                    response: context.schema.reference(method.outputType, in: "")))
        }
        self.methods = methods
    }

    func write(to text: inout SourceText) throws(GeneratorError) {
        try writeMethods(to: &text)
        text.line()
        try writeServer(to: &text)
        text.line()
        try writeClient(to: &text)
    }

    /// What both ends agree on.
    private func writeMethods(to text: inout SourceText) throws(GeneratorError) {
        text.comment("The methods of `\(fullName)`.")
        try text.block("public enum \(type)Methods") { text in
            for method in methods {
                text.line(
                    "public static let \(SwiftName.escaped(method.name)) = RPCMethod<\(method.request), \(method.response)>("
                )
                text.line(
                    "    service: \"\(fullName)\", name: \"\(method.descriptor.name)\", kind: .\(method.kind),"
                )
                for (side, message) in [("request", method.request), ("response", method.response)] {
                    let end = side == "request" ? "," : ")"
                    text.line(
                        "    \(side): RPCCodec(encode: { $0.protobufBytes() }, decode: { try \(message)(protobuf: $0) })\(end)"
                    )
                }
            }
        }
    }

    private func writeServer(to text: inout SourceText) throws(GeneratorError) {
        text.comment(comment + "\n\nWhat answers its calls; `service` is what a server is given.")
        try text.block("public protocol \(type)Service: Sendable") { text in
            for method in methods {
                if let comment = method.comment { text.comment(comment) }
                text.line(method.requirement)
            }
        }
        text.line()
        try text.block("extension \(type)Service") { text throws(GeneratorError) in
            text.comment("The service, each of its calls answered by the method of its name.")
            try text.block("public var service: RPCService") { text in
                text.line("RPCService(\"\(fullName)\", [")
                for method in methods {
                    text.line("    .\(method.kind)(\(type)Methods.\(method.name)) { \(method.call) },")
                }
                text.line("])")
            }
        }
    }

    private func writeClient(to text: inout SourceText) throws(GeneratorError) {
        text.comment(comment + "\n\nCalls it.")
        try text.block("public struct \(type)Client: Sendable") { text throws(GeneratorError) in
            text.line("private let calls: any RPCCalling")
            text.line()
            text.comment("A client that calls through a channel, or a stand-in of a test.")
            text.line("public init(_ calls: any RPCCalling) { self.calls = calls }")
            for method in methods {
                text.line()
                if let comment = method.comment { text.comment(comment) }
                try write(method, to: &text)
            }
        }
    }

    private func write(_ method: Method, to text: inout SourceText) throws(GeneratorError) {
        let (name, constant) = (SwiftName.escaped(method.name), "\(type)Methods.\(method.name)")
        let options = "options: RPCCallOptions = RPCCallOptions()"
        switch (method.descriptor.clientStreaming, method.descriptor.serverStreaming) {
        case (false, false):
            let head = "public func \(name)(_ request: \(method.request), \(options))"
            try text.block("\(head) async throws -> \(method.response)") { text in
                text.line("try await calls.call(\(constant), request, options: options)")
            }
        case (false, true):
            text.line("public func \(name)<Result: Sendable>(")
            text.line("    _ request: \(method.request), \(options),")
            text.line("    _ body: @Sendable (RPCReader<\(method.response)>) async throws -> Result")
            try text.block(") async throws -> Result") { text in
                text.line("try await calls.call(\(constant), request, options: options, body)")
            }
        case (true, _):
            text.line("public func \(name)<Result: Sendable>(")
            text.line("    \(options),")
            text.line(
                "    _ body: @Sendable (RPCRequests<\(method.request)>, RPCReader<\(method.response)>) async throws -> Result"
            )
            try text.block(") async throws -> Result") { text in
                text.line("try await calls.call(\(constant), options: options, body)")
            }
        }
    }
}
