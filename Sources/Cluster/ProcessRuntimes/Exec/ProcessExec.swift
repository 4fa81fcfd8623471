import Concurrency
import TaskRuntimes

/// A program beside an attempt, as its user sees it; the work is that of ``ExecThread``, which ends with this.
final class ProcessExec: ExecSession {
    private let thread: ExecThread

    private init(_ thread: ExecThread) { self.thread = thread }

    deinit { thread.close() }

    /// Starts the program, and returns once it runs.
    static func start(_ starter: ExecStarter) async throws(RuntimeError) -> ProcessExec {
        let thread: ExecThread
        do throws(SystemError) { thread = try ExecThread() } catch {
            throw .exhausted("no pipe for another program: \(error)", hint: "see `ulimit -n`")
        }
        let outcome: Result<Void, RuntimeError> = await withCheckedContinuation { continuation in
            do throws(SystemError) {
                try startThread(name: "exec") { thread.run(starter) { continuation.resume(returning: $0) } }
            } catch {
                continuation.resume(
                    returning: .failure(
                        .exhausted("no thread for another program: \(error)", hint: "see `ulimit -u`")))
            }
        }
        try outcome.get()
        return ProcessExec(thread)
    }

    func next() async throws(RuntimeError) -> ExecEvent? {
        do {
            let event = try await thread.next()
            return event
        } catch { throw .cancelled }
    }

    func give(_ input: ExecInput) async throws(RuntimeError) {
        if case .resize(let size) = input { return thread.resize(to: size) }
        do {
            try await thread.input.sendWaiting(input)
        } catch is CancellationError {
            throw .cancelled
        } catch {
            return  // It has ended, and wants no more.
        }
        thread.wake()
    }

    func close() async { thread.close() }
}
