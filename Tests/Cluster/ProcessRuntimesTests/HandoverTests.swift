import Cgroups
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

    @Test func `what is to be stopped by a signal of its own is, whoever asks for it`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let ready = fixture.directory + "/ready"
            var handed = handed(fixture) { pidFile in
                let traps =
                    "trap \"echo told > \(ready); exit 5\" USR1; trap \"echo term > \(ready); exit 6\" TERM"
                let loop = "while :; do sleep 0.01; done"
                return
                    "setsid sh -c '\(traps); printf %s $$ > \(pidFile).new; mv \(pidFile).new \(pidFile); \(loop)' & "
                    + "while ! test -e \(pidFile); do sleep 0.01; done"
            }
            handed.stopSignal = SIGUSR1
            _ = try await fixture.runtime.start(handed)
            // One that knows of it from the launcher's journal alone.
            let pid = try await fixture.runtime.launcherProcess()
            fixture.runtime.close()
            kill(pid, SIGKILL)
            await LauncherEnd(lock: fixture.directory + "/launcher.lock").wait()
            try await fixture.runtime.stop(handed.attempt, grace: .seconds(30))
            _ = try await fixture.runtime.wait(handed.attempt)
            let file = try Descriptor.open(ready, O_RDONLY)
            var text = [UInt8](repeating: 0, count: 16)
            let count = read(file.number, &text, text.count)
            #expect(String(decoding: text[..<max(0, count)], as: UTF8.self) == "told\n")
            unlink(ready)
        }
    }

    @Test func `signals are known by the names that images give them`() {
        for text in ["SIGQUIT", "QUIT", "quit", "3"] { #expect(SignalName.number(of: text) == SIGQUIT) }
        #expect(SignalName.number(of: "SIGWINCH") == 28)
        #expect(SignalName.number(of: "SIGRTMIN+3") == 37 && SignalName.number(of: "RTMAX-1") == 63)
        for text in ["", "SIG", "SIGFOO", "0", "65", "-9", "SIGRTMIN+31", "SIGRTMIN-1", "SIGRTMIN+x"] {
            #expect(SignalName.number(of: text) == nil)
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

    /// Where a program in this process's cgroups, such as runc, makes those of an attempt.
    private func cgroups(of attempt: AttemptID, _ fixture: ProcessRuntimeFixture) -> [String] {
        let name = fixture.runtime.cgroup(of: attempt)
        let table = CgroupTable(
            mountinfo: ControlFile.read("/proc/self/mountinfo") ?? "",
            cgroup: ControlFile.read("/proc/self/cgroup") ?? "")
        return ([table.unified].compactMap(\.self) + table.legacy).compactMap(\.directory).map {
            "\($0)/\(name)"
        }
    }

    /// Words of a shell that make an attempt's cgroups and enter them.
    private func entering(_ cgroups: [String]) -> String {
        let fill = """
            for f in cpus mems; do [ ! -e $c/cpuset.$f ] || { cat $c/../../cpuset.$f > $c/../cpuset.$f; \
            cat $c/../cpuset.$f > $c/cpuset.$f; }; done
            """
        // A new cpuset has nothing to run on yet.
        return
            "for c in \(cgroups.joined(separator: " ")); do mkdir -p $c; \(fill); echo 0 > $c/cgroup.procs; done"
    }

    /// The fixture expects at its end that no cgroup is left in any hierarchy.
    @Test(.enabled(if: ProcessRuntimeFixture.hasVersion1), arguments: [false, true])
    func `all cgroups of what was handed over go with it`(_ endsFirst: Bool) async throws {
        try await ProcessRuntimeFixture.with { fixture in
            var handed = handed(fixture) { _ in "" }
            let cgroups = cgroups(of: handed.attempt, fixture)
            #expect(cgroups.count > 4)
            let wait = endsFirst ? "while [ -e /proc/$(cat \(handed.pidFile)) ]; do sleep 0.01; done" : ":"
            handed.command[2] =
                "(sh -c '\(entering(cgroups)); sleep 0.05; exit 4' & printf %s $! > \(handed.pidFile)); \(wait)"
            _ = try await fixture.runtime.start(handed)
            #expect(try await fixture.runtime.wait(handed.attempt).code == 4)
        }
    }

    @Test(.enabled(if: ProcessRuntimeFixture.hasVersion1))
    func `what a program made before it broke off is ended with it`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            var handed = handed(fixture) { _ in "" }
            let cgroups = cgroups(of: handed.attempt, fixture)
            let number = fixture.directory + "/launcher.half-made"
            handed.command[2] =
                "(\(entering(cgroups)); exec setsid sleep 600) & printf %s $! > \(number); sleep 0.1; exit 1"
            await #expect(throws: RuntimeError.self) { try await fixture.runtime.start(handed) }
            let left = try #require(ControlFile.read(number).flatMap { Int32($0) })
            // Its parent is the launcher, which buries it.
            while kill(left, 0) == 0 { await Task.yield() }
        }
    }
}
