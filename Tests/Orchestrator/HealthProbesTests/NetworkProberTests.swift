import ClusterModel
import Concurrency
import Core
import HealthDecisions
import HealthProbes
import ScriptedServers
import Testing
import Workers

/// The prober against servers that answer in every way they should not. A limit that a test waits for is short; all others are far.
struct NetworkProberTests {
    private func probing<Value>(_ body: (NetworkProber) async throws -> Value) async throws -> Value {
        let prober = try NetworkProber(environment: .live)
        let value = try await body(prober)
        await prober.close()
        return value
    }

    private func target(_ port: UInt16) -> ProbeTarget {
        ProbeTarget(host: "127.0.0.1", port: port, named: 8080)
    }

    private func get(
        _ server: ScriptedServer, _ probe: HealthCheck.HTTPProbe = .init(path: "/health"),
        within limit: Duration = .seconds(60)
    ) async throws -> ProbeResult {
        try await probing { await $0.get(probe, at: target(server.port), within: limit) }
    }

    @Test(arguments: [200, 204, 299])
    func `a status of success is good`(status: Int) async throws {
        let server = ScriptedServer { _, connection in connection.respond(status) }
        let result = try await get(server)
        #expect(result == ProbeResult(isGood: true, "GET :8080/health answered \(status)"))
        #expect(server.requests == ["GET /health"])
    }

    @Test(arguments: [404, 500, 503])
    func `any other is not, and is named`(status: Int) async throws {
        let server = ScriptedServer { _, connection in connection.respond(status) }
        #expect(try await get(server) == ProbeResult(isGood: false, "GET :8080/health answered \(status)"))
    }

    @Test func `a redirect is not followed, and says where it leads`() async throws {
        let server = ScriptedServer { _, connection in
            connection.respond(302, fields: ["Location: /login\u{7F}"])
        }
        let result = try await get(server)
        #expect(result.text.hasPrefix("GET :8080/health answered 302 to /login"))
        #expect(result.text.hasSuffix(", which is not followed"))
        #expect(!result.isGood)
        #expect(server.requests == ["GET /health"])
        let expected = try await get(server, .init(path: "/", status: [302]))
        #expect(expected == ProbeResult(isGood: true, "GET :8080/ answered 302"))
    }

    @Test func `headers are sent`() async throws {
        let server = ScriptedServer { request, connection in
            let isRight = request.fields["host"] == "shop.example" && request.fields["x-check"] == "1"
            connection.respond(isRight ? 200 : 400)
        }
        let probe = HealthCheck.HTTPProbe(headers: ["Host": "shop.example", "X-Check": "1"])
        #expect(try await get(server, probe).isGood)
    }

    @Test func `a server that never answers fails at the limit`() async throws {
        let server = ScriptedServer.serving { _, connection in connection.waitForClose() }
        let result = try await get(server, within: .milliseconds(200))
        #expect(result == ProbeResult(isGood: false, "GET :8080/health was not answered within 200ms"))
    }

    @Test func `a body without end is not read`() async throws {
        let server = ScriptedServer { _, connection in
            guard connection.beginChunks() else { return }
            let chunk = [UInt8](repeating: 65, count: 1 << 16)
            while connection.writeChunk(chunk) {}
        }
        #expect(try await get(server).isGood)
    }

    @Test func `what is not HTTP, breaks off or floods the head is named`() async throws {
        let noise = ScriptedServer { _, connection in _ = connection.write("SSH-2.0-OpenSSH_9.2\r\n") }
        #expect(try await get(noise).isGood == false)
        let broken = ScriptedServer { _, connection in connection.hangUp() }
        #expect(try await get(broken).text == "GET :8080/health was broken off")
        let flood = ScriptedServer { _, connection in
            guard connection.write("HTTP/1.1 200 OK\r\n") else { return }
            while connection.write("X-Filler: \(String(repeating: "x", count: 1000))\r\n") {}
        }
        #expect(try await get(flood).text.hasPrefix("GET :8080/health was answered with more than"))
    }

    @Test func `nobody listens`() async throws {
        let server = ScriptedServer { _, _ in }
        let port = server.port
        server.stop()
        let results = try await probing { prober in
            [
                await prober.get(.init(), at: target(port), within: .seconds(60)),
                await prober.connect(to: target(port), within: .seconds(60)),
            ]
        }
        #expect(results[0].text.hasPrefix("GET :8080/ could not connect: "))
        #expect(results[1] == ProbeResult(isGood: false, "port 8080 takes no connections"))
    }

    @Test func `a port that takes connections is good, whatever it says`() async throws {
        let server = ScriptedServer.serving { _, connection in connection.waitForClose() }
        let result = try await probing { await $0.connect(to: target(server.port), within: .seconds(60)) }
        #expect(result == ProbeResult(isGood: true, "port 8080 takes connections"))
    }
}
