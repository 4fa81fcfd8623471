import Core
public import Documents
public import HTTPModel
import Synchronization

/// A request on its way through a handler: who asks, with which parameters, and the body.
public struct Call<Context: RequestContext>: Sendable {
    /// The request; its body ends with a problem where it passes the route's limit.
    public let request: HTTPRequest
    public let context: Context
    public let info: RequestInfo
    let parameters: [ParameterDeclaration]
    let values: [JSONValue]
    let bodyLimit: Int
    let isBodyRequired: Bool

    public var requestID: String { info.requestID }

    /// The value of a parameter of the route.
    public subscript<Value>(parameter: Parameter<Value>) -> Value {
        let wanted = parameter.declaration
        let index = parameters.firstIndex { $0.name == wanted.name && $0.place == wanted.place }
        guard let index, let value = Value(parameter: values[index]) else {
            preconditionFailure(
                "the route '\(info.operation ?? "")' does not declare '\(wanted.name)' as a \(Value.self)")
        }
        return value
    }

    /// The text of the path parameter `name`, for those that were not declared.
    public func path(_ name: String) -> String {
        let index = parameters.firstIndex { $0.name == name && $0.place == .path }
        guard let index else { preconditionFailure("'\(info.pattern ?? "")' has no parameter '\(name)'") }
        return values[index].string ?? values[index].description
    }

    /// The whole body as JSON of `Value`; throws a problem that names every field at fault. No body, where the route
    /// requires none, is an object of defaults.
    public func body<Value: Decodable & SchemaProviding>(_: Value.Type = Value.self) async throws -> Value {
        let bytes = try await request.body.collect(upTo: bodyLimit)
        if bytes.isEmpty, !isBodyRequired {
            return try DocumentDecoder().decode(Value.self, from: Document([:]), of: "the request body")
        }
        let decoder = DocumentDecoder(reader: JSONReader(maximumSize: bodyLimit))
        return try decoder.decode(Value.self, from: bytes, of: "the request body")
    }

    /// The whole body as it is.
    public func bodyBytes() async throws -> [UInt8] { try await request.body.collect(upTo: bodyLimit) }
}

/// Ends a body that passes its limit.
final class LimitedBody: HTTPBodyReader {
    private let body: any HTTPBodyReader
    private let limit: Int
    private let read = Atomic<Int>(0)

    init(_ body: any HTTPBodyReader, limit: Int) {
        self.body = body
        self.limit = limit
    }

    func next() async throws -> [UInt8]? {
        guard let piece = try await body.next() else { return nil }
        guard read.add(piece.count, ordering: .relaxed).newValue <= limit else {
            throw HTTPBodyError.tooLarge(limit: limit)
        }
        return piece
    }
}
