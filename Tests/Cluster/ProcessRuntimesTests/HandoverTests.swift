import ClusterModel
import Concurrency
import Core
import Files
import Glibc
import TaskRuntimes
import Testing

@testable import ProcessRuntimes

/// Attempts whose first process is made by a program that hands it over.
@Suite(.timeLimit(.minutes(2)))
struct HandoverTests {
    private func handed(
        _ fixture: ProcessRuntimeFixture, _ script: (_ pidFile: String) -> String
    ) -> HandedAttempt {
        let launch = fixture.launch("")
        let pidFile = fixture.directory + "/launcher.handed"
        return HandedAttempt(
            attempt: launch.attempt, task: launch.task, ports: [], disk: nil, memory: nil,
            command: ["/bin/sh", "-c", script(pidFile)], pidFile: pidFile, warnings: [])
    }

    /// The pipes that a process has open.
    private func pipes(of pid: Int32) throws -> [String] {
        let directory = "/proc/\(pid)/fd"
        return try #require(names(in: directory)).compactMap { name in
            var target = [CChar](repeating: 0, count: 256)
            let count = readlink("\(directory)/\(name)", &target, target.count - 1)
            guard count > 0 else { return nil }
            let text = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return text.hasPrefix("pipe:") ? text : nil
        }
    }

    @Test func `what was handed over ends with its own code, and its output is kept`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let handed = handed(fixture) { "(sleep 0.05; echo of the second; exit 3) & printf %s $! > \($0)" }
            _ = try await fixture.runtime.start(handed)
            #expect(try await fixture.runtime.wait(handed.attempt).code == 3)
            #expect(try await fixture.text(of: handed.attempt) == "of the second\n")
        }
    }

    @Test func `no pipe of an attempt that has ended stays open, which would keep its launcher awake`()
        async throws
    {
        try await ProcessRuntimeFixture.with { fixture in
            let launcher = try await fixture.runtime.launcherProcess()
            let before = try pipes(of: launcher)
            let good = handed(fixture) { "true & printf %s $! > \($0)" }
            _ = try await fixture.runtime.start(good)
            _ = try await fixture.runtime.wait(good.attempt)
            #expect(try pipes(of: launcher) == before)
            let bad = handed(fixture) { _ in "exit 9" }
            await #expect(throws: RuntimeError.self) { try await fixture.runtime.start(bad) }
            #expect(try pipes(of: launcher) == before)
        }
    }
}
