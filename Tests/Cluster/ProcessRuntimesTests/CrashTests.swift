import CApollo
import ClusterModel
import Concurrency
import Core
import Glibc
import ProcessRuntimes
import TaskRuntimes
import Testing

/// What survives whose death.
@Suite(.timeLimit(.minutes(2)))
struct CrashTests {
    /// Starts the victim with `scripts` and returns its pid, and what it said it had started.
    private func startVictim(
        _ fixture: ProcessRuntimeFixture, _ scripts: [String]
    ) throws -> (pid: pid_t, attempts: [AttemptID]) {
        let program = ProcessRuntimeFixture.program("process-runtime-victim")
        let words = [program, fixture.directory, fixture.settings.launcher[0]] + scripts
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        var pid = pid_t()
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawn(&pid, program, &actions, nil, &arguments, environ) == 0)
        close(ends[1])
        defer { close(ends[0]) }
        var said: [UInt8] = []
        var byte: UInt8 = 0
        while read(ends[0], &byte, 1) == 1, byte != 10 { said.append(byte) }
        let attempts = String(decoding: said, as: UTF8.self).split(separator: " ").compactMap {
            AttemptID(parsing: String($0))
        }
        try #require(
            attempts.count == scripts.count, "the victim said '\(String(decoding: said, as: UTF8.self))'")
        return (pid, attempts)
    }

    private func killNow(_ pid: pid_t, isChild: Bool) {
        kill(pid, SIGKILL)
        if isChild {
            waitpid(pid, nil, 0)
            return
        }
        // A descriptor of a process tells its end without asking again and again.
        let watch = capollo_pidfd_open(pid)
        guard watch >= 0 else { return }
        var waiting = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, 10_000)
        close(watch)
    }

    @Test func `kill -9 of the one who started them loses neither runs, nor ends, nor output`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let (pid, attempts) = try startVictim(
                fixture,
                [
                    "trap 'echo bye; exit 7' TERM; sleep 600 & echo ready; wait",
                    // Ends only when nobody who asked for it lives: its parent is the launcher.
                    """
                    echo one; while ! test -s \(fixture.directory)/victim; do sleep 0.01; done
                    while kill -0 $(cat \(fixture.directory)/victim) 2>/dev/null; do sleep 0.01; done; echo two; exit 5
                    """,
                    "kill -SEGV $$",
                ])
            try write(String(pid), to: fixture.directory + "/victim")
            let launcher = try await fixture.runtime.launcherProcess()
            killNow(pid, isChild: true)

            let later = fixture.another()
            #expect(try await later.launcherProcess() == launcher)
            #expect(try await later.wait(attempts[1]).code == 5)
            #expect(try await fixture.text(of: attempts[1], by: later) == "one\ntwo\n")
            #expect(try await later.wait(attempts[2]).code == 139)
            #expect(try await later.wait(attempts[2]).reason == "killed by SIGSEGV")
            let running = try await later.list().first { $0.attempt == attempts[0] }
            #expect(running != nil && running?.exit == nil)
            _ = try await fixture.await("ready\n", from: attempts[0], by: later)
            try await later.stop(attempts[0], grace: .seconds(20))
            #expect(try await later.wait(attempts[0]).code == 7)
            #expect(try await fixture.text(of: attempts[0], by: later).hasPrefix("ready\n"))
            unlink(fixture.directory + "/victim")
        }
    }

    @Test(arguments: [CgroupUse.any, .none])
    func `kill -9 of the launcher is said truthfully, and what runs is taken over`(_ cgroups: CgroupUse)
        async throws
    {
        try await ProcessRuntimeFixture.with({ $0.cgroups = cgroups }) { fixture in
            let ended = try await fixture.start("echo before; exit 3")
            #expect(try await fixture.runtime.wait(ended).code == 3)
            let running = try await fixture.start(
                "trap 'echo bye; echo late >&2; exit 7' TERM; sleep 600 & echo ready; wait")
            _ = try await fixture.await("ready\n", from: running)
            let dying = try await fixture.start("sleep 600 & echo $! $$; wait")
            let pids = try await fixture.await("\n", from: dying).split { $0 == " " || $0 == "\n" }
                .compactMap { Int32($0) }
            try #require(pids.count == 2)

            killNow(try await fixture.runtime.launcherProcess(), isChild: false)
            killNow(pids[1], isChild: false)
            #expect(isAlive(pids[0]), "the child of the dead one lives on, for now")

            // The same runtime goes on with a new launcher.
            #expect(try await fixture.runtime.wait(ended).code == 3)
            let lost = try await fixture.runtime.wait(dying)
            #expect(lost.code == nil)
            #expect(lost.reason.hasPrefix("lost: its launcher was killed"))
            #expect(!isAlive(pids[0]), "what the lost one left was not killed")

            let found = try await fixture.runtime.list()
            #expect(found.count == 3)
            #expect(found.first { $0.attempt == running }?.exit == nil)
            try await fixture.runtime.stop(running, grace: .seconds(20))
            let exit = try await fixture.runtime.wait(running)
            #expect(exit.code == nil)
            #expect(exit.reason.contains("exit code is unknown"))
            // Written while no launcher, and then another, was there.
            let text = try await fixture.text(of: running)
            #expect(text.hasPrefix("ready\n") && text.contains("bye\n") && text.contains("late\n"))
            #expect(try await fixture.text(of: ended) == "before\n")
        }
    }

    @Test func `a task whose launcher was killed still writes, and is not killed by a broken pipe`()
        async throws
    {
        try await ProcessRuntimeFixture.with { fixture in
            let path = fixture.directory + "/go"
            let attempt = try await fixture.start(
                "echo ready; while ! test -e \(path); do sleep 0.01; done; seq 1 100000; echo end; sleep 600")
            _ = try await fixture.await("ready\n", from: attempt)
            killNow(try await fixture.runtime.launcherProcess(), isChild: false)
            try write("", to: path)  // more than a pipe holds is written now, with nobody to read it
            let text = try await fixture.await("end\n", from: attempt)
            #expect(text == "ready\n" + (1...100_000).map { "\($0)\n" }.joined() + "end\n")
            unlink(path)
        }
    }

    @Test func `waiting goes on over the death of a launcher`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let attempt = try await fixture.start("trap 'exit 7' TERM; sleep 600 & echo ready; wait")
            _ = try await fixture.await("ready\n", from: attempt)
            let runtime = fixture.runtime
            let exit = try await withThrowingTaskGroup(of: AttemptExit.self) { group in
                group.addTask { try await runtime.wait(attempt) }
                killNow(try await runtime.launcherProcess(), isChild: false)
                try await runtime.stop(attempt, grace: .seconds(20))
                return try await group.next()
            }
            #expect(exit?.code == nil)
        }
    }

    @Test(.enabled(if: ProcessRuntimeFixture.isRoot, "needs root to mount a small disk"))
    func `a full disk stops neither tasks nor their ends, and new ones are refused with the reason`()
        async throws
    {
        try await ProcessRuntimeFixture.with { fixture in
            let disk = fixture.directory + "/disk"
            try #require(mkdir(disk, 0o700) == 0)
            try #require(mount("none", disk, "tmpfs", 0, "size=256k") == 0)
            defer {
                umount2(disk, Int32(MNT_DETACH))
                rmdir(disk)
            }
            var settings = fixture.settings
            settings.directory = disk
            let runtime = ProcessRuntime(settings: settings, environment: .live)
            let noisy = fixture.launch("seq 1 200000; exit 9")
            _ = try await runtime.start(noisy) { _ in }
            #expect(try await runtime.wait(noisy.attempt).code == 9)
            #expect(try await fixture.text(of: noisy.attempt, by: runtime).hasPrefix("1\n2\n"))

            // The journal may have had room for a little more; soon there is none.
            var refused: RuntimeError?
            var started: [AttemptID] = []
            while refused == nil, started.count < 100 {
                let launch = fixture.launch("exit 0")
                do {
                    _ = try await runtime.start(launch) { _ in }
                    started.append(launch.attempt)
                } catch {
                    refused = error as? RuntimeError
                }
            }
            guard case .exhausted(let message, _) = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
            #expect(message.contains("cannot write its journal") && message.contains("No space left"))
            for attempt in started { #expect(try await runtime.wait(attempt).code == 0) }

            // Room again: all goes on, and what was not written then is written now.
            try await runtime.remove(noisy.attempt)
            let later = fixture.launch("exit 4")
            _ = try await runtime.start(later) { _ in }
            #expect(try await runtime.wait(later.attempt).code == 4)
            killNow(try await runtime.launcherProcess(), isChild: false)
            #expect(try await Set(runtime.list().map(\.attempt)) == Set(started + [later.attempt]))
            for attempt in started + [later.attempt] { try await runtime.remove(attempt) }
            try await runtime.shutDownLauncher()
            await LauncherEnd(lock: disk + "/launcher.lock").wait()
        }
    }

    @Test func `a process of the same number is not taken for the one that was`() async throws {
        try await ProcessRuntimeFixture.with { fixture in
            let attempt = try await fixture.start("echo $$; sleep 600")
            let pid = try #require(
                Int32(try await fixture.await("\n", from: attempt).filter { $0.isNumber }))
            killNow(try await fixture.runtime.launcherProcess(), isChild: false)
            fixture.runtime.close()
            // The journal says that the process started at another time than this one did.
            try forgeStart(fixture.directory + "/journal", pid)
            #expect(try await fixture.runtime.wait(attempt).reason.hasPrefix("lost:"))
            kill(pid, SIGKILL)
        }
    }

    /// Rewrites the start time that the journal has for `pid`, with a right checksum.
    private func forgeStart(_ path: String, _ pid: Int32) throws {
        let file = open(path, O_RDWR)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = pread(file, &bytes, bytes.count, 0)
        bytes.removeLast(bytes.count - count)
        let wanted = withUnsafeBytes(of: pid.littleEndian) { Array($0) }
        func number(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << ($1 * 8) } }
        var entry = 8
        while entry + 8 <= count {
            let body = entry + 8
            let length = number(entry)
            // kind, identifier with its length, and then the process's number and its start.
            if bytes[body] == 2, Array(bytes[body + 25..<body + 29]) == wanted {
                bytes[body + 29] ^= 0x55
                let sum = bytes[body..<body + length].reduce(UInt32(2_166_136_261)) {
                    ($0 ^ UInt32($1)) &* 16_777_619
                }
                for index in 0..<4 {
                    bytes[entry + 4 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
                }
                try #require(pwrite(file, bytes, bytes.count, 0) == bytes.count)
                return
            }
            entry = body + length
        }
        Issue.record("the journal does not have process \(pid)")
    }

    private func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(file) }
        try #require(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
    }
}
