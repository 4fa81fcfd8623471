import ClusterModel
import Core
import TaskRuntimes

/// What attempts write, and how it is read.
extension ContractRun {
    func checkOutputStreams() async throws {
        let output = try await run(
            script: """
                echo one; echo two >&2; printf '\\000\\001\\377\\n'; echo three >&2; printf 'no newline'
                """
        ).output
        try requireEqual(
            output.bytes(of: .stdout), Array("one\n".utf8) + [0, 1, 255, 10] + Array("no newline".utf8),
            "stdout")
        try requireEqual(output.text(of: .stderr), "two\nthree\n", "stderr")
        let times = output.map(\.time)
        try requireEqual(times, times.sorted(), "the times")
        let silent = try await run(script: "exit 0").output
        try requireEqual(silent, [], "the output of what writes nothing")
    }

    func checkLargeOutput() async throws {
        let count = 1_400_000
        let (exit, output) = try await run(script: "seq 1 \(count)")
        try requireEqual(exit.code, 0, "the exit code")
        let bytes = output.bytes(of: .stdout)
        var expected: [UInt8] = []
        expected.reserveCapacity(11 << 20)
        for number in 1...count {
            expected += String(number).utf8
            expected.append(10)
        }
        try requireEqual(bytes.count, expected.count, "the number of bytes")
        try require(bytes == expected, "the bytes are not those written")
    }

    func checkFollowedOutput() async throws {
        let attempt = try await start(
            script: "trap 'echo bye; exit 0' TERM; sleep 600 & echo ready; wait")
        let reader = try await runtime.logs(attempt, LogQuery(follow: true))
        let first = try await read(reader, until: "ready\n")
        try await runtime.stop(attempt, grace: .seconds(30))
        var rest: [LogRecord] = []
        while let batch = try await reader.next() { rest += batch }
        try requireEqual((first + rest).text(of: .stdout), "ready\nbye\n", "what was followed")
        await reader.close()
        let again = try await records(attempt, LogQuery(follow: true))
        try requireEqual(again.text(of: .stdout), "ready\nbye\n", "following what has ended")
    }

    func checkClosedReader() async throws {
        let attempt = try await start(script: Self.untilStopped)
        let reader = try await runtime.logs(attempt, LogQuery(follow: true))
        _ = try await read(reader, until: "ready\n")
        await reader.close()
        try require(try await reader.next() == nil, "a closed reader gives more")
    }

    func checkCancelledReader() async throws {
        let attempt = try await start(script: Self.untilStopped)
        let reader = try await runtime.logs(attempt, LogQuery(follow: true))
        _ = try await read(reader, until: "ready\n")
        let found = await errorWhenCancelled { () throws(RuntimeError) in _ = try await reader.next() }
        try requireEqual(found, .cancelled, "what a cancelled reader throws")
        await reader.close()
    }

    func checkOutputTail() async throws {
        let attempt = try await start(script: "for n in 1 2 3 4 5; do echo line $n; done; printf 'line 6'")
        _ = try await runtime.wait(attempt)
        for (tail, expected) in [
            (0, ""), (1, "line 6"), (3, "line 4\nline 5\nline 6"),
            (100, "line 1\nline 2\nline 3\nline 4\nline 5\nline 6"),
        ] {
            let text = try await records(attempt, LogQuery(tail: tail)).text
            try requireEqual(text, expected, "a tail of \(tail)")
        }
    }

    func checkOutputSince() async throws {
        let attempt = try await start(
            script: "trap 'echo new; exit 0' TERM; sleep 600 & echo ready; wait")
        let reader = try await runtime.logs(attempt, LogQuery(follow: true))
        let old = try await read(reader, until: "ready\n")
        await reader.close()
        try await runtime.stop(attempt, grace: .seconds(30))
        let time = old[old.count - 1].time
        let later = LogQuery(since: time.advanced(by: .microseconds(1)))
        try requireEqual(try await records(attempt, later).text(of: .stdout), "new\n", "what came later")
        let all = LogQuery(since: old[0].time)
        try requireEqual(
            try await records(attempt, all).text(of: .stdout), "ready\nnew\n", "what came at or after")
        let future = LogQuery(since: time.advanced(by: .seconds(3600)))
        try requireEqual(try await records(attempt, future), [], "what comes in an hour")
    }
}
