import APIMessages
import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClient
import Terminal

/// Runs a task for `apollo task run`: submits it and, in the foreground, shows it until it ends.
struct TaskRunner {
    let session: Session
    let detach: Bool

    func run(_ request: TaskRequest) async throws -> ExitStatus {
        let key: Identifier<Never> = Environment.live.identifier()
        let record = try await session.withClient { try await $0.submit(request, key: key.text) }
        if detach {
            switch session.format {
            case .table: try session.output.write("\(record.name)\n")
            case .json: try session.output.writeJSON(record)
            }
            return .success
        }
        return try await session.withClient { try await follow(record, $0) }
    }

    private func follow(_ record: TaskRecord, _ client: PlatformClient) async throws -> ExitStatus {
        let output = session.output
        let errors = session.errors
        try await session.untilInterrupted {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await showProgress(record, client) }
                group.addTask {
                    var lines = try await client.logs(record.id.text, LogsQuery(follow: true))
                    while let batch = try await lines.next() {
                        for line in batch {
                            try (line.stream == .stdout ? output : errors).write(bytes: line.bytes)
                        }
                    }
                }
                // One after the other, for the first failure to end the rest: `waitForAll` would wait for both.
                while try await group.next() != nil {}
            }
        } onInterrupt: { count in
            // The first asks politely and goes on showing; the second does not wait any longer.
            try errors.write("\napollo: stopping \(record.name)\(count == 1 ? "; again to kill it" : "")\n")
            _ = try await client.stop(record.id.text, grace: count == 1 ? nil : Seconds(0))
        }
        return try status(of: try await client.task(record.id.text))
    }

    /// Shows what the start is busy with, and why a task waits, on a terminal.
    private func showProgress(_ record: TaskRecord, _ client: PlatformClient) async throws {
        let errors = session.errors
        try await withProgress(on: errors, clock: LiveClock(), whenNoTerminal: .silent) { display in
            var bar: ProgressBar?
            var reason = ""
            var events = try await client.watch(record.id.text)
            while let event = try await events.next() {
                switch event {
                case .progress(let progress):
                    let current = bar ?? display.start(progress.activity, total: progress.totalBytes)
                    bar = current
                    current.relabel(progress.activity)
                    current.update(progress.completedBytes ?? 0, of: progress.totalBytes)
                case .state(let state):
                    bar?.remove()
                    bar = nil
                    if state.state == .pending, state.reason != reason {
                        display.print("apollo: \(state.name) is pending: \(state.reason)")
                    }
                    reason = state.reason
                    if state.state.isFinal { return }
                }
            }
        }
    }

    /// The exit code for how a task ended; says on the standard error what the task could not say itself.
    func status(of record: TaskRecord) throws -> ExitStatus {
        if record.state == .completed { return .success }
        let code = record.current?.exitCode
        if record.state == .failed, let code, code != 0, record.reason == "exit code \(code)" {
            return ExitStatus(code)  // The task has said itself what it had to say.
        }
        try session.errors.write("apollo: \(record.name): \(record.reason)\n")
        return code.flatMap { $0 == 0 ? nil : ExitStatus($0) } ?? .failure
    }
}
