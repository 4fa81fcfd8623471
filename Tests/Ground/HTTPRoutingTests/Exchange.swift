import Documents
import HTTPModel
import HTTPRouting

/// A way to a router: directly, or over a socket. Test bodies are the same for both.
protocol Exchange: Sendable {
    func send(_ request: HTTPRequest) async throws -> Answer
}

/// A response with its whole body.
struct Answer: Sendable {
    var status: HTTPStatus
    var fields: HTTPFields
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    func json() throws -> JSONValue { try JSONReader(maximumSize: 1 << 24).read(body) }
}

/// Calls the router, and does with the body what a server does.
struct DirectExchange<Context: RequestContext>: Exchange {
    var router: Router<Context>

    func send(_ request: HTTPRequest) async throws -> Answer {
        let response = await router.handle(request)
        var body: [UInt8] = []
        switch response.body {
        case .empty, .file, .upgrade: break
        case .bytes(let bytes): body = bytes
        case .stream(_, let write):
            let collector = Collector()
            try await write(collector)
            body = await collector.bytes
        }
        if request.method == .head { body = [] }
        return Answer(status: response.status, fields: response.fields, body: body)
    }
}

private actor Collector: HTTPBodyWriter {
    var bytes: [UInt8] = []

    func write(_ bytes: [UInt8]) { self.bytes += bytes }
}

extension Exchange {
    func send(
        _ method: HTTPMethod, _ target: String, _ fields: KeyValuePairs<String, String> = [:],
        body: String = ""
    ) async throws -> Answer {
        try await send(
            HTTPRequest(
                method: method, target: target, fields: HTTPFields(fields), body: BufferedBody(body),
                peer: "test"))
    }
}
