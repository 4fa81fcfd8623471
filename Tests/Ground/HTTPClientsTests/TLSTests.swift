import Glibc
import HTTPModel
import ScriptedServers
import Testing

@testable import HTTPClients

/// Whom the client believes. The server is `openssl s_server`, with a certificate made for the test.
@Suite(
    .enabled(
        if: OpenSSLServer.isInstalled, "needs Debian's openssl for a server with a certificate of its own"))
struct TLSTests {
    @Test func `a certificate nobody vouches for is refused`() async throws {
        try await OpenSSLServer.run { server in
            try await withClient(HTTPClientConfiguration(retry: .never)) { (client) async throws in
                let error = await failure { _ = try await client.send(HTTPClientRequest(.get, server.url)) }
                guard case .tls(let peer, let reason) = error else {
                    Issue.record("unexpected \(String(describing: error))")
                    return
                }
                #expect(peer == "localhost:\(server.port)")
                #expect(reason.contains("self-signed"))
            }
        }
    }

    @Test func `an authority that is named is believed, for its name only`() async throws {
        try await OpenSSLServer.run { server in
            let configuration = HTTPClientConfiguration(
                retry: .never, tls: HTTPClientTLS(authorityFile: server.certificateFile))
            try await withClient(configuration) { (client) async throws in
                #expect(try await client.fetch(HTTPClientRequest(.get, server.url)).status == .ok)
                let error = await failure {
                    _ = try await client.send(HTTPClientRequest(.get, "https://127.0.0.1:\(server.port)/"))
                }
                guard case .tls = error else {
                    Issue.record("unexpected \(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test func `a missing authority file is named`() async throws {
        let configuration = HTTPClientConfiguration(
            retry: .never, tls: HTTPClientTLS(authorityFile: "/nowhere/ca.pem"))
        let server = ScriptedServer { _, connection in connection.waitForClose() }
        try await withClient(configuration) { (client) async throws in
            let error = await failure {
                _ = try await client.send(HTTPClientRequest(.get, "https://127.0.0.1:\(server.port)/"))
            }
            guard case .tls(_, let reason) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(reason.contains("/nowhere/ca.pem"))
        }
    }
}

/// `openssl s_server` with a self-signed certificate for `localhost`, answering every request with a page.
private struct OpenSSLServer {
    static let program = "/usr/bin/openssl"
    static var isInstalled: Bool { access(program, X_OK) == 0 }

    var port: Int
    var certificateFile: String
    var url: String { "https://localhost:\(port)/" }

    static func run(_ body: (OpenSSLServer) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let key = directory + "/key.pem"
            let certificate = directory + "/certificate.pem"
            let made = try ChildProcess(
                program,
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
                    "-out", certificate,
                ])
            try #require(made.wait() == 0)
            let server = try ChildProcess(
                program, ["s_server", "-accept", "127.0.0.1:0", "-www", "-key", key, "-cert", certificate])
            defer { server.kill() }
            // It says where it listens: `ACCEPT 127.0.0.1:44321`.
            let line = try #require(server.readLine { $0.hasPrefix("ACCEPT ") })
            let port = try #require(Int(line.split(separator: ":").last ?? ""))
            try await body(OpenSSLServer(port: port, certificateFile: certificate))
        }
    }
}
