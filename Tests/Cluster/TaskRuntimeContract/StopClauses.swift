import ClusterModel
import Core
import TaskRuntimes

/// Stopping, removing, and finding again.
extension ContractRun {
    /// Writes `ready`, waits, and at SIGTERM ends with code 7. It starts nothing after `ready`: dash loses a signal that
    /// comes while it starts a command in the foreground, between its vfork and the child's exec.
    static let untilStopped = "trap 'exit 7' TERM; sleep 600 & echo ready; wait"
    /// Writes `ready` and ignores SIGTERM.
    static let unstoppable = "trap '' TERM; echo ready; sleep 600"

    func checkPoliteStop() async throws {
        let attempt = try await start(
            script: "trap 'echo bye; exit 7' TERM; sleep 600 & echo ready; wait")
        try await awaitReady(attempt)
        try await runtime.stop(attempt, grace: .seconds(30))
        let exit = try await listed(attempt)?.exit
        try requireEqual(exit?.code, 7, "the code right after the stop")
        try requireEqual(try await runtime.wait(attempt), exit, "what a wait says after the stop")
        try requireEqual(try await records(attempt).text(of: .stdout), "ready\nbye\n", "what it wrote")
    }

    func checkForcedStop() async throws {
        let attempt = try await start(script: Self.unstoppable)
        try await awaitReady(attempt)
        let clock = subject.environment.clock
        let begin = clock.now
        try await runtime.stop(attempt, grace: .seconds(1))
        let took = begin.duration(to: clock.now)
        let exit = try await runtime.wait(attempt)
        try requireEqual(exit.code, 137, "the code of a killed attempt")
        try require(exit.reason.contains("SIGKILL"), "the reason does not name SIGKILL: \(exit.reason)")
        try require(
            took > .milliseconds(900), "it was killed after \(took), before its grace of 1 s was over")
    }

    func checkStopAfterEnd() async throws {
        let attempt = try await start(script: "exit 4")
        let exit = try await runtime.wait(attempt)
        try await runtime.stop(attempt, grace: .seconds(30))
        try requireEqual(try await runtime.wait(attempt), exit, "the end after a stop")
    }

    func checkRemoval() async throws {
        let attempt = try await start(script: Self.untilStopped)
        try await awaitReady(attempt)
        try await expect(.stillRunning, from: "removing what runs") { try await runtime.remove(attempt) }
        try require(try await listed(attempt) != nil, "a refused removal removed")
        try await runtime.stop(attempt, grace: .seconds(30))
        try await runtime.remove(attempt)
        try require(try await listed(attempt) == nil, "a removed attempt is listed")
        try await expect(.unknownAttempt, from: "waiting for what was removed") {
            _ = try await runtime.wait(attempt)
        }
        try await expect(.unknownAttempt, from: "reading what was removed") {
            _ = try await runtime.logs(attempt, LogQuery())
        }
        try await runtime.remove(attempt)
    }

    func checkAdoption() async throws {
        // `later` ends by itself, most often before the second instance looks; both orders must work.
        let ended = try await start(script: "echo early; exit 5")
        let later = try await start(script: "sleep 0.3; echo later >&2; exit 6")
        let running = try await start(script: Self.untilStopped)
        _ = try await runtime.wait(ended)
        let known = try await runtime.list()

        let second = try await subject.makeRuntime()
        try requireEqual(try await second.wait(later).code, 6, "the code of what ended meanwhile")
        try requireEqual(try await second.wait(ended).code, 5, "the code of what ended before")
        let found = try await second.list()
        for attempt in [ended, later, running] {
            let old = known.first { $0.attempt == attempt }
            let new = found.first { $0.attempt == attempt }
            try require(old != nil && new != nil, "\(attempt) is not listed")
            try requireEqual(new?.task, old?.task, "the task of \(attempt)")
            try requireEqual(new?.startedAt, old?.startedAt, "the start of \(attempt)")
        }
        try requireEqual(found.first { $0.attempt == later }?.exit?.code, 6, "the listed code")
        try require(found.first { $0.attempt == running }?.exit == nil, "what runs is listed as ended")
        try requireEqual(try await records(ended, from: second).text(of: .stdout), "early\n", "old output")
        try requireEqual(try await records(later, from: second).text(of: .stderr), "later\n", "late output")

        try await second.stop(running, grace: .seconds(30))
        try requireEqual(try await second.wait(running).code, 7, "the code of what was stopped")
    }

    func checkPorts() async throws {
        let launch = launch(
            with(subject.shell(Self.untilStopped)) {
                $0.ports = [PortMapping(container: 8080), PortMapping(container: 9090, transport: .udp)]
            })
        let started = try await start(launch)
        try requireEqual(started.ports.map(\.container), [8080, 9090], "the ports of the task")
        try requireEqual(started.ports.map(\.transport), [.tcp, .udp], "the transports")
        try require(started.ports.allSatisfy { ($0.host ?? 0) != 0 }, "no port was given: \(started.ports)")
        let second = try await subject.makeRuntime()
        try requireEqual(
            try await listed(launch.attempt, by: second)?.ports, started.ports, "the ports after a restart")
    }

    func checkDisk() async throws {
        let script = "head -c 3000000 /dev/zero > ${APOLLO_DIRECTORY:-/tmp}/big; sync; \(Self.untilStopped)"
        let launch = launch(with(subject.shell(script)) { $0.resources.disk = .mebibytes(2) })
        try await start(launch)
        try await awaitReady(launch.attempt)
        let size = try await runtime.diskUse(launch.attempt)
        try require(
            (3_000_000...4_000_000).contains(size?.bytes ?? 0),
            "what was written is not counted: \(size as Any)")
        try requireEqual(size?.obstacle, nil, "what keeps it from being counted")
        let second = try await subject.makeRuntime()
        try requireEqual(
            try await listed(launch.attempt, by: second)?.diskLimit, .mebibytes(2),
            "the limit after a restart")
        try await runtime.stop(launch.attempt, grace: .seconds(30))
        _ = try await runtime.wait(launch.attempt)
        try requireEqual(try await runtime.diskUse(launch.attempt), nil, "what is left after the end")
    }

    func checkMounts() async throws {
        let output = try await run(script: "ls /mnt; touch /mnt/x 2>/dev/null || echo refused") {
            $0.mounts = [Mount(source: "/usr/share/common-licenses", target: "/mnt", readOnly: true)]
        }.output
        let lines = output.text.split(separator: "\n")
        try require(lines.contains("Apache-2.0"), "the mounted directory is not seen: \(output.text)")
        try requireEqual(lines.last, "refused", "writing into a read-only mount")
    }

    private func with(_ spec: TaskSpec, _ change: (inout TaskSpec) -> Void) -> TaskSpec {
        var spec = spec
        change(&spec)
        return spec
    }
}
