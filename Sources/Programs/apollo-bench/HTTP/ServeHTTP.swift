import Concurrency
import Core
import EventLoops
import Glibc
import HTTPModel
import HTTPServer
import TLS

/// `apollo-bench serve-http`: our server, in a process of its own, as the benchmarks of HTTP measure it. It writes its port to its
/// standard output and ends when its standard input does.
struct ServeHTTP {
    static let verb = "serve-http"

    private var loops = 1
    private var certificate: TLSContext.Identity?
    private var file = ""

    init(arguments: [String]) throws {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { throw ApolloError(.invalid, "\(flag) needs a value") }
            switch flag {
            case "--loops": loops = Int(value) ?? 1
            case "--file": file = value
            case "--certificate":
                certificate = TLSContext.Identity(
                    certificates: .file("\(value)/cert.pem"), key: .file("\(value)/key.pem"))
            default: throw ApolloError(.invalid, "there is no option '\(flag)'")
            }
        }
    }

    func run() async throws {
        OpenFiles.raiseLimit()
        let group = try EventLoopGroup(count: loops)
        let endpoint = HTTPServerConfiguration.Endpoint(
            .tcp(host: "127.0.0.1", port: 0), certificate: try certificate.map { try TLSCertificate($0) })
        let configuration = HTTPServerConfiguration(endpoints: [endpoint], environment: .live) { event in
            Output.error("\(event)")
        }
        let file = self.file
        let server = HTTPServer(configuration: configuration) { request in
            switch request.target {
            case "/": Self.hello
            case "/echo": Self.echo(request)
            case "/sink": try await Self.sink(request)
            case "/file": HTTPResponse(.ok, body: .file(path: file))
            default: HTTPResponse(.notFound)
            }
        }
        guard case .tcp(_, let port)? = try await server.start(on: group).first else {
            throw ApolloError(.internal, "no address")
        }
        Output.line("\(port)")
        try await group.loops[0].readable(0)
        await server.shutdown(deadline: .zero)
        await group.stop(within: .seconds(1))
    }

    private static let hello = HTTPResponse(
        .ok, fields: HTTPFields(["Content-Type": "text/plain"]), body: .bytes(Array("Hello, world!".utf8)))

    private static func echo(_ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(
            .ok,
            body: .stream(length: request.fields["Content-Length"].flatMap { Int64($0) }) { writer in
                while let piece = try await request.body.next() { try await writer.write(piece) }
            })
    }

    private static func sink(_ request: HTTPRequest) async throws -> HTTPResponse {
        var count = 0
        while let piece = try await request.body.next() { count += piece.count }
        return HTTPResponse(.ok, body: .bytes(Array("\(count)".utf8)))
    }
}

/// The limit of open files.
enum OpenFiles {
    /// As high as the process may.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
