import APIMessages
import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClients
import Synchronization
import Terminal

/// Runs a task for `apollo task run`: submits it and, in the foreground, shows it until it ends.
struct TaskRunner {
    let session: Session
    let detach: Bool

    func run(_ request: TaskRequest) async throws -> ExitStatus {
        let id: Identifier<Never> = Environment.live.identifier()
        let key = id.text
        guard detach else {
            return try await session.withClient { try await foreground(request, key: key, $0) }
        }
        let record = try await session.withClient { try await $0.submit(request, key: key) }
        switch session.format {
        case .table: try session.output.write("\(record.name)\n")
        case .json: try session.output.writeJSON(record)
        }
        return .success
    }

    private func foreground(
        _ request: TaskRequest, key: String, _ client: PlatformClient
    ) async throws -> ExitStatus {
        // Interrupts are heard from the start: one that comes before the answer must not leave the task behind.
        let progress = Mutex<(record: TaskRecord?, interrupts: Int)>((nil, 0))
        try await session.untilInterrupted {
            let record = try await client.submit(request, key: key)
            let interrupts = progress.withLock { progress in
                progress.record = record
                return progress.interrupts
            }
            if interrupts > 0 { try await stop(record, interrupts, client) }
            try await show(record, client)
        } onInterrupt: { count in
            let record = progress.withLock { progress in
                progress.interrupts = count
                return progress.record
            }
            if let record { return try await stop(record, count, client) }
            guard count == 1 else {
                throw ApolloError(
                    .cancelled, "interrupted before the platform answered",
                    hint: "'apollo task ps' shows whether it has taken the task")
            }
        }
        guard let record = progress.withLock({ $0.record }) else { return .failure }
        return try status(of: try await client.task(record.id.text))
    }

    /// The first interrupt asks politely, and the task is shown to its end; the second does not wait any longer.
    private func stop(_ record: TaskRecord, _ interrupts: Int, _ client: PlatformClient) async throws {
        let isFirst = interrupts == 1
        try session.errors.write("\napollo: stopping \(record.name)\(isFirst ? "; again to kill it" : "")\n")
        _ = try await client.stop(record.id.text, grace: isFirst ? nil : Seconds(0))
    }

    /// Prints what the task writes until it is finished.
    private func show(_ record: TaskRecord, _ client: PlatformClient) async throws {
        let output = session.output
        let errors = session.errors
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await showProgress(record, client) }
            group.addTask {
                var lines = try await client.logs(record.id.text, LogsQuery(follow: true, all: true))
                while let batch = try await lines.next() {
                    for line in batch {
                        try (line.stream == .stdout ? output : errors).write(bytes: line.bytes)
                    }
                }
            }
            // One after the other, for the first failure to end the rest: `waitForAll` would wait for both.
            while try await group.next() != nil {}
        }
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
