import Arguments
import Concurrency
import Core
import EventLoops
import HTTPModel
import HTTPServers
import TLS
import Terminal

/// `apollo-bench serve-http`: our server and nothing around it, as a process of its own for the suites to load.
enum ServeHTTPCommand {
    private static let certificate = Parameter.option(
        "tls-certificate", .path, help: "A certificate, in PEM.")
    private static let key = Parameter.option("tls-key", .path, help: "Its key, in PEM.")
    private static let file = Parameter.option("file", .path, help: "What /file answers with.")

    static let command = Command(
        "serve-http", summary: "Serve what the http suite asks for, until a signal comes",
        parameters: [certificate, key, file], isHidden: true
    ) { invocation in
        try await serve(
            certificate: invocation[certificate], key: invocation[key], file: invocation[file],
            output: .standardOutput(variables: [:]))
        return .success
    }

    private static func serve(
        certificate: String?, key: String?, file: String?, output: Output
    ) async throws {
        var identity: TLSCertificate?
        if let certificate, let key {
            identity = try TLSCertificate(
                TLSContext.Identity(certificates: .file(certificate), key: .file(key)))
        }
        let loops = try EventLoopGroup()
        let configuration = HTTPServerConfiguration(
            endpoints: [.init(.tcp(host: "127.0.0.1", port: 0), certificate: identity)], environment: .live,
            report: { _ in })
        let server = HTTPServer(configuration: configuration) { request in
            switch request.target {
            case "/": return hello
            case "/echo": return echo(request)
            case "/sink": return try await count(request)
            case "/file": return HTTPResponse(.ok, body: .file(path: file ?? "/dev/null"))
            default: return HTTPResponse(.notFound)
            }
        }
        let addresses = try await server.start(on: loops)
        for address in addresses { try output.write("\(address)\n") }
        // Who started it asks it to end by cancelling this task, as the program does on a signal.
        await Environment.live.untilCancelled()
        await server.shutdown(deadline: .zero)
        await loops.stop()
    }

    private static let hello = HTTPResponse(
        .ok, fields: HTTPFields(["Content-Type": "text/plain"]), body: .bytes(Array("hello\n".utf8)))

    private static func echo(_ request: HTTPRequest) -> HTTPResponse {
        let length = request.fields["Content-Length"].flatMap { Int64($0) }
        let body = request.body
        return HTTPResponse(
            .ok,
            body: .stream(length: length) { writer in
                while let piece = try await body.next() { try await writer.write(piece) }
            })
    }

    private static func count(_ request: HTTPRequest) async throws -> HTTPResponse {
        var count = 0
        while let piece = try await request.body.next() { count += piece.count }
        return HTTPResponse(.ok, body: .bytes(Array("\(count)\n".utf8)))
    }
}
