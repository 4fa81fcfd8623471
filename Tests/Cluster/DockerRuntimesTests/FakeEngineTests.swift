import ClusterModel
import Concurrency
import Core
import Glibc
import HTTPClients
import ScriptedServers
import Synchronization
import TaskRuntimes
import Testing

@testable import DockerRuntimes

/// What a real engine does rarely or never, from a scripted one.
@Suite struct FakeEngineTests {
    /// A runtime over an engine that answers with `answer`, and for the rest as an engine does that has nothing.
    private func withEngine(
        apiVersion: String = "1.41",
        _ answer: @escaping @Sendable (ScriptedConnection.Request, ScriptedConnection) -> Bool,
        _ body: (DockerRuntime, ScriptedServer) async throws -> Void
    ) async throws {
        let path = "/tmp/apollo-fake-\(Environment.live.identifier(of: AttemptKind.self)).sock"
        let server = ScriptedServer(unixSocket: path) { request, connection in
            if answer(request, connection) { return }
            switch request.path {
            case "/version":
                connection.respond(
                    200, #"{"Version":"20.10.24","ApiVersion":"\#(apiVersion)","MinAPIVersion":"1.12"}"#)
            case let path where path.hasSuffix("/info"):
                connection.respond(
                    200, #"{"CgroupVersion":"2","MemoryLimit":true,"Plugins":{"Log":["local"]}}"#)
            default:
                connection.respond(404, #"{"message":"no such thing: \#(request.path)"}"#)
            }
        }
        defer { server.stop() }
        let runtime = DockerRuntime(DockerRuntimeConfiguration(instance: "i", socket: path))
        try await body(runtime, server)
    }

    /// What the engine says of a container that runs.
    private static let running = """
        {"Id":"c1","State":{"Status":"running","Running":true,"ExitCode":0,\
        "StartedAt":"2026-11-21T09:30:11.5Z","FinishedAt":"0001-01-01T00:00:00Z"},\
        "Config":{},"HostConfig":{}}
        """

    private let launch = AttemptLaunch.fresh(TaskSpec(image: "app:1", command: ["/serve"]))

    @Test func `no engine is said with the path and what helps`() async {
        let runtime = DockerRuntime(
            DockerRuntimeConfiguration(instance: "i", socket: "/nowhere/engine.sock"))
        let status = await runtime.probe()
        #expect(!status.isAvailable)
        #expect(status.detail.contains("/nowhere/engine.sock"))
        #expect(status.detail.contains("docker.io"))
        let error = await failure { _ = try await runtime.list() }
        #expect(error?.asApolloError.kind == .unavailable)
    }

    @Test func `the first engine that answers is taken`() async throws {
        try await withEngine { _, _ in
            false
        } _: { runtime, server in
            let stale = runtime.configuration.sockets[0] + ".stale"
            #expect(creat(stale, 0o600) >= 0)
            defer { unlink(stale) }
            var configuration = runtime.configuration
            configuration.sockets.insert(stale, at: 0)
            let other = DockerRuntime(configuration)
            #expect(await other.probe().detail == "Docker 20.10.24, cgroup v2")
        }
    }

    @Test func `an engine too old, or none at all, is said to be so`() async throws {
        try await withEngine(apiVersion: "1.24") { _, _ in
            false
        } _: { runtime, _ in
            let detail = await runtime.probe().detail
            #expect(detail.contains("1.24"))
        }
        try await withEngine { _, connection in
            connection.respond(200, "<html>")
        } _: { runtime, _ in
            let status = await runtime.probe()
            #expect(!status.isAvailable)
            #expect(status.detail.contains("no container engine"))
        }
    }

    @Test func `errors within a stream of progress are found`() async throws {
        try await withEngine { request, connection in
            guard request.path == "/v1.41/images/create" else { return false }
            #expect(request.target.contains("fromImage=app&tag=1"))
            connection.respond(
                200,
                """
                {"status":"Pulling from app","id":"1"}\r
                {"status":"Downloading","progressDetail":{"current":5,"total":10},"id":"a"}\r
                {"errorDetail":{"message":"manifest unknown"},"error":"manifest unknown"}\r

                """)
            return true
        } _: { runtime, server in
            let reports = Mutex<[LaunchProgress]>([])
            let error = await failure {
                _ = try await runtime.start(launch) { report in reports.withLock { $0.append(report) } }
            }
            guard case .rejected(let message, _) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(message.contains("app:1"))
            #expect(reports.withLock { $0.first?.activity } == "pulling app:1")
            #expect(!server.requests.contains { $0.contains("/containers/create") })
        }
    }

    @Test(arguments: ["{\"status\":\"x\"}\nnot json\n", String(repeating: "x", count: 1_100_000)])
    func `a stream of progress that makes no sense is an error`(_ text: String) async throws {
        try await withEngine { request, connection in
            guard request.path == "/v1.41/images/create" else { return false }
            connection.respond(200, text)
            return true
        } _: { runtime, _ in
            let error = await failure { _ = try await runtime.start(launch) { _ in } }
            guard case .failed = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
        }
    }

    /// Answers up to the start as an engine with the image does, and notes what is removed.
    private func created(_ request: ScriptedConnection.Request, _ connection: ScriptedConnection) -> Bool {
        switch (request.method, request.path) {
        case ("GET", "/v1.41/images/app:1/json"):
            connection.respond(200, #"{"Id":"sha256:1","Config":{}}"#)
        case ("POST", "/v1.41/containers/create"):
            connection.respond(201, #"{"Id":"c1","Warnings":[]}"#)
        case ("HEAD", "/v1.41/containers/c1/archive"):
            // {"mode":493}
            connection.write("HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: eyJtb2RlIjo0OTN9\r\n\r\n")
        case ("DELETE", _):
            connection.respond(204)
        default:
            return false
        }
        return true
    }

    @Test(arguments: [
        (500, "mkdir /var/lib/docker/x: no space left on device", ErrorKind.exhausted),
        (500, #"exec: "/serve": stat /serve: no such file or directory: unknown"#, .invalid),
        (500, "something odd", .internal), (503, "starting up", .unavailable),
    ])
    func `a failed start removes what was made`(status: Int, message: String, kind: ErrorKind) async throws {
        let created = created
        try await withEngine { request, connection in
            if request.path == "/v1.41/containers/c1/start" {
                let text = message.replacing("\"", with: "\\\"")
                connection.respond(status, #"{"message":"\#(text)"}"#)
                return true
            }
            return created(request, connection)
        } _: { runtime, server in
            let error = await failure { _ = try await runtime.start(launch) { _ in } }
            #expect(error?.asApolloError.kind == kind, "\(String(describing: error))")
            #expect(server.requests.last == "DELETE /v1.41/containers/c1?v=1&force=1")
        }
    }

    @Test func `a start that is cancelled half-way removes what was made`() async throws {
        let created = created
        let isStarting = Latch<Void>()
        try await withEngine { request, connection in
            guard request.path == "/v1.41/containers/c1/start" else { return created(request, connection) }
            isStarting.open()
            connection.waitForClose()
            return true
        } _: { (runtime, server) async throws in
            let launch = launch
            try await withThrowingTaskGroup(of: RuntimeError?.self) { group in
                group.addTask { await failure { _ = try await runtime.start(launch) { _ in } } }
                try await isStarting.wait()
                group.cancelAll()
                let error = try await group.next()
                #expect(error == .cancelled)
            }
            #expect(server.requests.last == "DELETE /v1.41/containers/c1?v=1&force=1")
        }
    }

    @Test func `an engine without an init is asked to do without`() async throws {
        let created = created
        let starts = Mutex(0)
        try await withEngine { request, connection in
            switch (request.method, request.path) {
            case ("POST", "/v1.41/containers/c1/start"):
                let isFirst = starts.withLock { starts in
                    starts += 1
                    return starts == 1
                }
                if isFirst {
                    connection.respond(
                        400, #"{"message":"exec: \"docker-init\": executable file not found in $PATH"}"#)
                } else {
                    connection.respond(204)
                }
            case ("GET", "/v1.41/containers/c1/json"):
                connection.respond(200, Self.running)
            default:
                return created(request, connection)
            }
            return true
        } _: { runtime, server in
            let started = try await runtime.start(launch) { _ in }
            #expect(started.startedAt == Timestamp(parsing: "2026-11-21T09:30:11.5Z"))
            #expect(server.requests.filter { $0.hasPrefix("POST /v1.41/containers/create") }.count == 2)
            #expect(server.requests.contains("DELETE /v1.41/containers/c1?v=1&force=1"))
        }
    }

    @Test func `a wait outlives the engine's restart`() async throws {
        let waits = Mutex(0)
        try await withEngine { request, connection in
            switch (request.method, request.path) {
            case ("GET", "/v1.41/containers/json"):
                connection.respond(200, #"[{"Id":"c1"}]"#)
            case ("POST", "/v1.41/containers/c1/wait"):
                let number = waits.withLock { waits in
                    waits += 1
                    return waits
                }
                // The first ones break off, as when the engine is killed.
                guard number > 4 else {
                    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    connection.reset()
                    connection.hangUp()
                    return true
                }
                connection.respond(200, #"{"StatusCode":5}"#)
            case ("GET", "/v1.41/containers/c1/json"):
                connection.respond(
                    200,
                    """
                    {"Id":"c1","State":{"Status":"exited","Running":false,"ExitCode":5,"OOMKilled":false,\
                    "StartedAt":"2026-11-21T09:30:11.5Z","FinishedAt":"2026-11-21T09:30:12Z"},\
                    "Config":{"Labels":null},"HostConfig":{"Memory":0}}
                    """)
            default:
                return false
            }
            return true
        } _: { runtime, _ in
            let exit = try await runtime.wait(launch.attempt)
            #expect(
                exit
                    == AttemptExit(
                        code: 5, endedAt: Timestamp(parsing: "2026-11-21T09:30:12Z")!, reason: "exit code 5"))
        }
    }

    @Test func `a terminal gets its size once its program is there`() async throws {
        let created = created
        let resizes = Mutex(0)
        try await withEngine { request, connection in
            switch (request.method, request.path) {
            case ("GET", "/v1.41/containers/json"):
                connection.respond(200, #"[{"Id":"c1"}]"#)
            case ("GET", "/v1.41/containers/c1/json"):
                connection.respond(200, Self.running)
            case ("POST", "/v1.41/containers/c1/exec"):
                connection.respond(201, #"{"Id":"e1"}"#)
            case ("POST", "/v1.41/exec/e1/start"):
                connection.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
                connection.waitForClose()
            case ("POST", "/v1.41/exec/e1/resize"):
                let number = resizes.withLock { resizes in
                    resizes += 1
                    return resizes
                }
                // Refused until the program is there, as the engine does between its answer and the start.
                if number < 3 {
                    connection.respond(500, #"{"message":"no such exec"}"#)
                } else {
                    connection.respond(200)
                }
            case ("GET", "/v1.41/exec/e1/json"):
                let isOver = resizes.withLock { $0 > 2 }
                connection.respond(200, #"{"Running":\#(!isOver),"ExitCode":\#(isOver ? "0" : "null")}"#)
            default:
                return created(request, connection)
            }
            return true
        } _: { runtime, _ in
            let session = try await runtime.exec(
                launch.attempt,
                ExecRequest(
                    command: ["/serve"], takesInput: true,
                    terminal: .init(size: TerminalSize(columns: 91, rows: 17), type: "xterm")))
            #expect(resizes.withLock { $0 } == 3)
            await session.close()
        }
    }

    @Test func `a log that breaks off is an error`() async throws {
        try await withEngine { request, connection in
            switch request.path {
            case "/v1.41/containers/json": connection.respond(200, #"[{"Id":"c1"}]"#)
            case "/v1.41/containers/c1/logs":
                #expect(request.target.hasSuffix("&follow=1&since=1.000005&tail=3"))
                connection.respond(200, [1, 0, 0, 0, 0, 0, 0, 3, 65, 66, 10, 1, 0, 0, 0, 0, 0, 0, 9, 65])
            default: return false
            }
            return true
        } _: { runtime, _ in
            let query = LogQuery(follow: true, since: Timestamp(microseconds: 1_000_005), tail: 3)
            let reader = try await runtime.logs(launch.attempt, query)
            let first = try await reader.next()
            #expect(first?.first?.bytes == [65, 66, 10])
            let error = await failure { _ = try await reader.next() }
            guard case .failed = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
        }
    }
}
