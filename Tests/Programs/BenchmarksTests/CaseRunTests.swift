import Benchmarks
import Concurrency
import Core
import Glibc
import Synchronization
import Testing

@Suite struct `Running a case` {
    /// Remembers the order of what happened.
    private final class Trace: Sendable {
        private let state = Mutex<[String]>([])
        var lines: [String] { state.withLock { $0 } }
        func add(_ line: String) { state.withLock { $0.append(line) } }
    }

    private func peer(_ name: String, _ version: String?) -> Peer {
        Peer(name, installation: "apt-get install \(name)") { _ in version }
    }

    private func measure(_ benchmark: Case, runs: Int) async throws -> [Measurement] {
        try await CaseRun(suite: "s", benchmark, runs: runs) { _ in }.measure(environment: .live)
    }

    @Test func `both sides are measured in turn`() async throws {
        let trace = Trace()
        let benchmark = Case("c", unit: "s", better: .lower, peers: [peer("p", "1")]) { _ in
            var contest = Contest {
                trace.add("ours")
                return Double(trace.lines.count)
            }
            contest.peers["p"] = {
                trace.add("theirs")
                return 10
            }
            return contest
        }
        let lines = try await measure(benchmark, runs: 3)
        #expect(trace.lines == ["ours", "theirs", "ours", "theirs", "ours", "theirs"])
        #expect(lines.count == 1)
        #expect(lines[0].ours == Samples([1, 3, 5]))
        #expect(lines[0].peer == .init(name: "p", version: "1", value: 10))
        #expect(lines[0].ratio == 0.3)
    }

    @Test func `a peer that is not installed is told with how to install it`() async throws {
        let benchmark = Case(
            "c", unit: "s", better: .lower, note: "n", peers: [peer("p", nil), peer("q", "2")]
        ) {
            workshop in
            #expect(!workshop.measures("p"))
            #expect(workshop.measures("q"))
            var contest = Contest { 1 }
            contest.peers["q"] = { 2 }
            return contest
        }
        let lines = try await measure(benchmark, runs: 1)
        #expect(lines.map(\.peer?.name) == [nil, "q"])
        #expect(lines[0].note == "n; p is not installed: apt-get install p, or 'make peers'")
        #expect(lines[1].note == "n")
    }

    @Test func `what a case leaves behind is cleaned up in reverse, also when it fails`() async throws {
        let trace = Trace()
        let benchmark = Case("c", unit: "s", better: .lower) { workshop in
            trace.add(workshop.directory)
            try workshop.write("text", to: "file")
            workshop.onClose { trace.add("first made") }
            workshop.onClose { trace.add("last made") }
            throw ApolloError(.unavailable, "broken")
        }
        await #expect(throws: ApolloError(.unavailable, "broken")) { try await measure(benchmark, runs: 1) }
        #expect(trace.lines.dropFirst() == ["last made", "first made"])
        #expect(access(trace.lines[0], F_OK) != 0)
    }

    @Test func `a program that was started ends with the case`() async throws {
        let trace = Trace()
        let benchmark = Case("c", unit: "s", better: .lower) { workshop in
            let child = try workshop.start("/bin/sleep", ["600"], log: "sleep")
            #expect(child.isRunning)
            trace.add("\(child.pid)")
            return Contest { 1 }
        }
        _ = try await measure(benchmark, runs: 1)
        let pid = try #require(Int32(trace.lines[0]))
        #expect(kill(pid, 0) != 0 && errno == ESRCH)
    }

    @Test func `a program that fails is told with what it said`() async throws {
        let workshop = try Workshop(environment: .live)
        let error = await #expect(throws: ApolloError.self) {
            try await workshop.run("/bin/sh", ["-c", "echo no such luck >&2; exit 3"])
        }
        #expect(error?.message.contains("ended with 3: no such luck") == true)
        await workshop.close()
    }

    @Test func `a program that never ends is killed`() async throws {
        let workshop = try Workshop(environment: .live)
        let error = await #expect(throws: ApolloError.self) {
            try await workshop.run("/bin/sleep", ["600"], within: .milliseconds(50))
        }
        #expect(error?.kind == .deadline)
        #expect(throws: ApolloError.self) {
            try ChildProcess("/bin/sleep", ["600"]).wait(within: .milliseconds(50))
        }
        await workshop.close()
    }

    @Test func `a program that is not there is an error`() throws {
        let error = #expect(throws: ApolloError.self) { try ChildProcess("/nonexistent/program", []) }
        #expect(error?.message == "cannot start /nonexistent/program: No such file or directory")
    }

    @Test func `exit codes and signals are told apart`() throws {
        #expect(try ChildProcess("/bin/sh", ["-c", "exit 7"]).wait(within: .seconds(20)) == 7)
        #expect(try ChildProcess("/bin/sh", ["-c", "kill -9 $$"]).wait(within: .seconds(20)) == 137)
    }
}
