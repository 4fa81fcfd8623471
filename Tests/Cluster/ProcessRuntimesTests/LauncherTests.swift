import ClusterModel
import Concurrency
import Core
import Glibc
import TaskRuntimes
import Testing

@testable import ProcessRuntimes

/// The launcher as a program.
@Suite(.timeLimit(.minutes(2)))
struct LauncherTests {
    /// Sends `bytes` on a fresh connection and returns all that comes back until it is closed.
    private func exchange(_ directory: String, _ bytes: [UInt8]) throws -> [UInt8] {
        let socket = try UnixSocket.connect(directory, "launcher.sock")
        try socket.writeAll(bytes, to: "the launcher")
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var waiting = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, 40_000) > 0 {
            let count = recv(socket.number, &buffer, buffer.count, 0)
            guard count > 0 else { return answer }
            answer += buffer[..<count]
        }
        Issue.record("the launcher neither answered nor closed")
        return answer
    }

    @Test func `another version is told ours and let go`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let pid = try await fixture.runtime.launcherProcess()
            #expect(try exchange(fixture.directory, Greeting(version: 99).bytes) == Greeting.current.bytes)
            #expect(try await fixture.runtime.launcherProcess() == pid)
        }
    }

    @Test func `whoever sends nonsense is let go and nobody else is disturbed`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let pid = try await fixture.runtime.launcherProcess()
            let nonsense: [[UInt8]] = [
                Array("GET / HTTP/1.1\r\n\r\n".utf8),
                Greeting.current.bytes + [0xff, 0xff, 0xff, 0xff, 1, 2, 3],
                Greeting.current.bytes + [0, 0, 0, 0],
                Greeting.current.bytes + Frame.bytes(kind: 77, request: 1) { _ in },
                Greeting.current.bytes + Frame.bytes(kind: 1, request: 1) { $0.text("x") },
            ]
            for bytes in nonsense {
                let answer = try exchange(fixture.directory, bytes)
                #expect(answer.isEmpty || answer == Greeting.current.bytes)
            }
            #expect(try await fixture.runtime.launcherProcess() == pid)
        }
    }

    @Test func `a launcher of another version is said, with what to do`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            try await fixture.runtime.shutDownLauncher()
            await LauncherEnd(lock: fixture.directory + "/launcher.lock").wait()
            let listener = try UnixSocket.listen(fixture.directory, "launcher.sock")
            let status = await withTaskGroup(of: RuntimeStatus?.self) { group in
                group.addTask { await fixture.another().probe() }
                group.addTask {
                    await OneGreeting(listener: listener).answer()
                    return nil
                }
                var found: RuntimeStatus?
                for await status in group { found = found ?? status }
                return found
            }
            #expect(status?.isAvailable == false)
            #expect(status?.detail.contains("speaks version 42 and this Apollo version 1") == true)
            unlink(fixture.directory + "/launcher.sock")
        }
    }

    /// A listener that greets once as version 42, on a thread of its own.
    actor OneGreeting {
        private let executor = ThreadExecutor(name: "greeting")
        private let listener: Descriptor

        init(listener: Descriptor) { self.listener = listener }

        deinit { executor.stop() }

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func answer() {
            var waiting = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 40_000) > 0 else { return }
            let client = Descriptor(owning: accept(listener.number, nil, nil))
            try? client.writeAll(Greeting(version: 42).bytes, to: "client")
            var buffer = [UInt8](repeating: 0, count: 64)
            while read(client.number, &buffer, buffer.count) > 0 {}
        }
    }

    @Test func `it leaves by itself when nobody needs it`() async throws {
        try await ProcessRuntimeFixture.with({ $0.launcherIdle = .milliseconds(50) }) { fixture in
            let attempt = try await fixture.start("exit 6")
            #expect(try await fixture.runtime.wait(attempt).code == 6)
            fixture.runtime.close()
            await LauncherEnd(lock: fixture.directory + "/launcher.lock").wait()
            #expect(ProcessRuntimeFixture.cgroups(of: fixture.directory) == [])
            // And the next one knows what it knew.
            #expect(try await fixture.runtime.wait(attempt).code == 6)
        }
    }

    @Test func `it stays as long as something runs, even when told to end`() async throws {
        try await ProcessRuntimeFixture.with({ $0.launcherIdle = .milliseconds(1) }) { fixture in
            let attempt = try await fixture.start(
                "while ! test -e \(fixture.directory)/go; do sleep 0.01; done; exit 8")
            let pid = try await fixture.runtime.launcherProcess()
            await #expect(throws: RuntimeError.stillRunning) { try await fixture.runtime.shutDownLauncher() }
            fixture.runtime.close()
            for number in [SIGTERM, SIGINT, SIGHUP] { kill(pid, number) }
            _ = try Descriptor.open(fixture.directory + "/go", O_WRONLY | O_CREAT)
            await LauncherEnd(lock: fixture.directory + "/launcher.lock").wait()
            #expect(try await fixture.runtime.wait(attempt).code == 8)
            #expect(try await fixture.runtime.launcherProcess() != pid)
            unlink(fixture.directory + "/go")
        }
    }

    @Test func `only its owner may enter`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            _ = try await fixture.runtime.launcherProcess()
            for name in ["launcher.sock", "journal", "launcher.lock", "launcher.log"] {
                var status = stat()
                try #require(lstat(fixture.directory + "/" + name, &status) == 0)
                #expect(status.st_mode & 0o177 == 0, "\(name) has mode \(String(status.st_mode, radix: 8))")
            }
        }
    }

    @Test func `two that start one at once get the same`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<6 { group.addTask { try await fixture.another().launcherProcess() } }
                return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
            }
            #expect(pids.count == 1)
        }
    }

    @Test(arguments: [["/bin/false"], ["/no/such/launcher"]])
    func `a launcher that cannot start makes the runtime unavailable, and says why`(_ command: [String])
        async throws
    {
        try await ProcessRuntimeFixture.with { fixture in
            var settings = fixture.settings
            settings.directory += "/other"
            settings.launcher = command
            let status = await ProcessRuntime(settings: settings, environment: .live).probe()
            #expect(!status.isAvailable)
            #expect(status.detail.contains(command[0]))
            try deleteTree(settings.directory)
        }
    }

    @Test func `its words are read as they are written`() {
        var options = LauncherOptions(directory: "/a b")
        options.idle = .milliseconds(1500)
        options.cgroups = .version1
        #expect(LauncherOptions(arguments: options.arguments) == options)
        for words in [
            [], ["relative"], ["/x", "--idle"], ["/x", "--idle", "soon"], ["/x", "--cgroups", "v3"],
            ["/x", "y"],
        ] {
            #expect(LauncherOptions(arguments: words) == nil)
        }
    }

    @Test func `deadlines come in order`() {
        var random = SplitMix(state: 5)
        var deadlines = Deadlines<Int>()
        let times = (0..<500).map { _ in Int64.random(in: 0..<300, using: &random) }
        for (index, time) in times.enumerated() {
            deadlines.add(index, at: MonotonicInstant(nanoseconds: time))
        }
        #expect(deadlines.next == times.min().map { MonotonicInstant(nanoseconds: $0) })
        var found: [Int64] = []
        for now in stride(from: 0, through: 300, by: 10) {
            while let index = deadlines.popDue(MonotonicInstant(nanoseconds: Int64(now))) {
                #expect(times[index] <= now)
                found.append(times[index])
            }
        }
        #expect(found == times.sorted())
    }
}
