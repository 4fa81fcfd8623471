import ClusterModel
import Concurrency
import Core
import TaskRuntimes

/// Starting, and how attempts end.
extension ContractRun {
    func checkAvailability() async throws {
        let status = await runtime.probe()
        try requireEqual(status.kind, runtime.kind, "the kind that the probe names")
        try require(status.isAvailable, "the probe says: \(status.detail)")
        try require(!status.detail.isEmpty, "the probe says nothing")
    }

    func checkExitCodes() async throws {
        for code: Int32 in [0, 3, 255] {
            let exit = try await run(script: "exit \(code)").exit
            try requireEqual(exit.code, code, "the exit code")
            try require(!exit.outOfMemory, "exit code \(code) was taken for want of memory")
            try require(!exit.reason.isEmpty, "exit code \(code) came without a reason")
        }
    }

    func checkDeadlySignal() async throws {
        let exit = try await run(script: "kill -KILL $$").exit
        try requireEqual(exit.code, 137, "the code of a death by SIGKILL")
        try require(exit.reason.contains("SIGKILL"), "the reason does not name SIGKILL: \(exit.reason)")
    }

    func checkWaiters() async throws {
        let attempt = try await start(script: Self.untilStopped)
        try await awaitReady(attempt)
        let runtime = runtime
        try await withThrowingTaskGroup(of: AttemptExit.self) { group in
            for _ in 0..<3 { group.addTask { try await runtime.wait(attempt) } }
            try await runtime.stop(attempt, grace: .seconds(30))
            let late = try await runtime.wait(attempt)
            try requireEqual(late.code, 7, "the code that a late waiter hears")
            for try await exit in group { try requireEqual(exit, late, "what an early waiter hears") }
        }
    }

    func checkCancelledWait() async throws {
        let attempt = try await start(script: Self.untilStopped)
        let runtime = runtime
        let found = await errorWhenCancelled { () throws(RuntimeError) in _ = try await runtime.wait(attempt)
        }
        try requireEqual(found, .cancelled, "what a cancelled wait throws")
        try require(try await listed(attempt)?.exit == nil, "the attempt ended with its waiter")
    }

    func checkStartTwice() async throws {
        let launch = launch(subject.shell("echo started; \(Self.untilStopped)"))
        let first = try await start(launch)
        let second = try await start(launch)
        try requireEqual(second, first, "what the second start returns")
        try requireEqual(
            try await runtime.list().filter { $0.attempt == launch.attempt }.count, 1, "attempts listed")
        try await awaitReady(launch.attempt)
        try await runtime.stop(launch.attempt, grace: .seconds(30))
        // A shell may say on stderr that it was asked to end.
        let text = try await records(launch.attempt).text(of: .stdout)
        try requireEqual(text, "started\nready\n", "what it wrote")
        // The end changes nothing: a start that is repeated late must not run the attempt again.
        try requireEqual(try await start(launch), first, "what a start after the end returns")
        try require(try await listed(launch.attempt)?.exit != nil, "a start after the end ran it again")
    }

    func checkMissingCommand() async throws {
        let launch = launch(subject.missingCommand)
        do {
            try await start(launch)
        } catch let error as RuntimeError {
            guard case .rejected(let message, _) = error else {
                throw ContractViolation(message: "start threw \(error)", file: #fileID, line: #line)
            }
            try require(!message.isEmpty, "the rejection says nothing")
            try require(try await listed(launch.attempt) == nil, "a rejected attempt is listed")
            try await expect(.unknownAttempt, from: "waiting for a rejected attempt") {
                _ = try await runtime.wait(launch.attempt)
            }
            return
        }
        throw ContractViolation(message: "a missing command started", file: #fileID, line: #line)
    }

    func checkArguments() async throws {
        let words = ["a b", "", "$HOME", "'\"\\", "é\n日本", "-x"]
        let output = try await run(script: "for word; do printf '<%s>' \"$word\"; done") {
            $0.command += ["name"] + words
        }.output
        try requireEqual(output.text, words.map { "<\($0)>" }.joined(), "the arguments")
    }

    func checkEnvironment() async throws {
        let output = try await run(
            script: #"printf '%s|%s|%s|%s' "$GREETING" "${EMPTY-unset}" "$LINES2" "$(pwd)""#
        ) {
            $0.environment = ["GREETING": "good = day é", "EMPTY": "", "LINES2": "a\nb"]
            $0.workingDirectory = "/tmp"
        }.output
        try requireEqual(output.text, "good = day é||a\nb|/tmp", "environment and directory")
    }

    func checkUnknownAttempts() async throws {
        let nobody: AttemptID = subject.environment.identifier()
        try await expect(.unknownAttempt, from: "wait") { _ = try await runtime.wait(nobody) }
        try await expect(.unknownAttempt, from: "stop") { try await runtime.stop(nobody, grace: .zero) }
        try await expect(.unknownAttempt, from: "logs") { _ = try await runtime.logs(nobody, LogQuery()) }
        try await expect(.unknownAttempt, from: "usage") { _ = try await runtime.usage(nobody) }
        try await runtime.remove(nobody)
    }

    func checkManyAtOnce() async throws {
        let count = 12
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let (exit, output) = try await self.run(script: "echo I am \(number); exit \(number)")
                    try requireEqual(exit.code, Int32(number), "the exit code of \(number)")
                    try requireEqual(output.text, "I am \(number)\n", "the output of \(number)")
                }
            }
            try await group.waitForAll()
        }
    }

    func checkMemoryLimit() async throws {
        let exit = try await run(script: "exec dd if=/dev/zero of=/dev/null bs=400M count=1") {
            $0.resources.memory = .mebibytes(48)
        }.exit
        try require(exit.outOfMemory, "the end was not taken for want of memory: \(exit)")
        try requireEqual(exit.code, 137, "the exit code")
        try require(exit.reason.contains("48Mi"), "the reason does not name the limit: \(exit.reason)")
    }

    func checkUsage() async throws {
        let attempt = try await start(script: Self.untilStopped) { $0.resources.memory = .mebibytes(64) }
        try await awaitReady(attempt)
        let usage = try await runtime.usage(attempt)
        try require(usage != nil, "a running attempt uses nothing")
        try require(
            (usage?.processes ?? 0) >= 1, "a running attempt has no process: \(String(describing: usage))")
        try require((usage?.memory.bytes ?? 0) > 0, "a running attempt has no memory")
        try await runtime.stop(attempt, grace: .zero)
        try require(try await runtime.usage(attempt) == nil, "an ended attempt uses something")
    }
}
