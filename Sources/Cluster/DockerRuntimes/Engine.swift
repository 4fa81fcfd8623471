import Core
import Documents
import HTTPClients
import HTTPModel

/// The Engine API of Docker, and of Podman, on a unix socket: each endpoint is a short method in an extension.
struct Engine: Sendable {
    let http: HTTPClient
    let socket: String
    /// The version of the API that both ends speak, such as `1.41`.
    let apiVersion: String

    /// A call of the API.
    struct Call: Sendable {
        var method: HTTPMethod
        /// Below the version: `/containers/json`.
        var path: String
        var query: [(name: String, value: String)] = []
        var body: [UInt8]?
        var timeouts = HTTPTimeouts(connect: .seconds(5), idle: nil, total: .seconds(60))
        /// Goes on where the task is cancelled: for cleaning up.
        var ignoresCancellation = false
    }

    /// Sends `call` and returns a response of success, whose body is still to be read.
    func open(_ call: Call) async throws(EngineFailure) -> HTTPClientResponse {
        var url = "http://engine/v\(apiVersion)\(call.path)"
        for (index, item) in call.query.enumerated() {
            url += "\(index == 0 ? "?" : "&")\(item.name)=\(PercentEncoding.encode(item.value))"
        }
        // Calls of the engine may be repeated: a name guards what they create, and states what they change.
        var request = HTTPClientRequest(
            call.method, url, timeouts: call.timeouts, isIdempotent: true, unixSocket: socket,
            ignoresCancellation: call.ignoresCancellation)
        if let body = call.body {
            request.fields["Content-Type"] = "application/json"
            request.body = .bytes(body)
        }
        let response: HTTPClientResponse
        do throws(HTTPClientError) { response = try await http.send(request) } catch {
            throw .transport(error)
        }
        guard response.status.rawValue >= 400 else { return response }
        let message = Self.message(in: try await Self.bytes(of: response, limit: 1 << 20))
        throw .refused(status: response.status.rawValue, message: message ?? "\(response.status)")
    }

    /// Sends `call` and reads the whole response.
    @discardableResult
    func send(_ call: Call) async throws(EngineFailure) -> [UInt8] {
        try await Self.bytes(of: try await open(call), limit: 32 << 20)
    }

    /// Sends `call` and decodes the response.
    func fetch<Value: Decodable>(_ type: Value.Type, _ call: Call) async throws(EngineFailure) -> Value {
        let bytes = try await send(call)
        do {
            return try JSONReader.decode(type, from: bytes)
        } catch {
            throw .malformed("its answer to \(call.method) \(call.path) is not as expected: \(error)")
        }
    }

    static func bytes(of response: HTTPClientResponse, limit: Int) async throws(EngineFailure) -> [UInt8] {
        do {
            return try await response.body.collect(upTo: limit)
        } catch let error as HTTPClientError {
            throw .transport(error)
        } catch {
            throw .malformed("its answer is longer than \(ByteCount(Int64(limit)))")
        }
    }

    /// The words of an error response: `{"message": "…"}`.
    private static func message(in body: [UInt8]) -> String? {
        struct Answer: Decodable { var message: String }
        // Proxies in between answer with text of their own: then that is the message.
        if let answer = try? JSONReader.decode(Answer.self, from: body) { return answer.message }
        let text = String(decoding: body.prefix(1000), as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    /// A JSON object of the API, with its keys in order.
    static func json(_ value: some Encodable) -> [UInt8] {
        do {
            return try JSONWriter.bytes(encoding: value)
        } catch {
            preconditionFailure("the engine's own types always encode: \(error)")
        }
    }
}
