import Core
import Glibc
import HTTPClients
import Synchronization
import TaskRuntimes

/// A program in a container, beside its first one.
final class DockerExec: ExecSession {
    private struct State {
        var decoder: ExecFrameDecoder?
        var waiting: [ExecEvent] = []
        var hasEnded = false
        var isClosed = false
    }

    private let engine: Engine
    private let id: String
    private let container: String
    private let stream: EngineStream
    private let hasTerminal: Bool
    private let clock: any MonotonicClock
    private let state: Mutex<State>

    /// - Parameters:
    ///   - id: that of the exec, at the engine.
    ///   - first: what the stream began with.
    init(
        _ engine: Engine, id: String, container: String, stream: EngineStream, first: [UInt8],
        hasTerminal: Bool, clock: any MonotonicClock
    ) throws(RuntimeError) {
        self.engine = engine
        self.id = id
        self.container = container
        self.stream = stream
        self.hasTerminal = hasTerminal
        self.clock = clock
        state = Mutex(State(decoder: hasTerminal ? nil : ExecFrameDecoder()))
        try take(first)
    }

    func next() async throws(RuntimeError) -> ExecEvent? {
        while true {
            let (event, isOver) = state.withLock { state in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.hasEnded || state.isClosed)
            }
            if let event { return event }
            if isOver { return nil }
            guard let bytes = try await stream.read() else {
                let end = try await end()
                state.withLock { $0.hasEnded = true }
                return end
            }
            try take(bytes)
        }
    }

    private func take(_ bytes: [UInt8]) throws(RuntimeError) {
        let failure: ExecFrameDecoder.Failure? = state.withLock { state in
            guard state.decoder != nil else {
                if !bytes.isEmpty { state.waiting.append(.output(.stdout, bytes)) }
                return nil
            }
            do throws(ExecFrameDecoder.Failure) {
                state.waiting += try state.decoder!.decode(bytes)
                return nil
            } catch {
                return error
            }
        }
        if case .malformed(let what) = failure {
            throw .failed("the engine cannot be understood: \(what)")
        }
    }

    /// How it ended, which the engine knows a moment after the stream's end.
    private func end() async throws(RuntimeError) -> ExecEvent {
        let deadline = clock.now.advanced(by: .seconds(5))
        while true {
            let found: ExecInspection
            do throws(EngineFailure) { found = try await engine.inspectExec(id) } catch {
                if error.isNotFound { return .ended(code: 137, reason: "the task ended") }
                throw error.runtimeError("asking how the program ended")
            }
            if !found.isRunning, let code = found.exitCode {
                return .ended(code: code, reason: "exit code \(code)")
            }
            guard clock.now < deadline else {
                return .ended(code: 137, reason: "the engine let go of it while it ran")
            }
            do { try await clock.sleep(for: .milliseconds(20)) } catch { throw .cancelled }
        }
    }

    func give(_ input: ExecInput) async throws(RuntimeError) {
        switch input {
        case .bytes(let bytes): try await stream.write(bytes)
        case .end:
            // On a terminal the end is something that is typed: Ctrl-D.
            if hasTerminal { try await stream.write([4]) } else { await stream.finishWriting() }
        case .resize(let size):
            guard hasTerminal else { return }
            do throws(EngineFailure) { try await engine.resizeExec(id, size) } catch {
                // What has ended has no size; nobody minds.
                if case .transport(.cancelled) = error { throw .cancelled }
            }
        }
    }

    /// Gives the terminal its first size. The engine turns the call into a stream before the program is there, and refuses
    /// a size until then: it is told again while the program has not ended, for a while.
    func begin(size: TerminalSize) async throws(RuntimeError) {
        let deadline = clock.now.advanced(by: .seconds(5))
        while true {
            do throws(EngineFailure) { return try await engine.resizeExec(id, size) } catch {
                if case .transport(.cancelled) = error { throw .cancelled }
            }
            do throws(EngineFailure) {
                let found = try await engine.inspectExec(id)
                if !found.isRunning, found.exitCode != nil { return }
            } catch {
                if error.isNotFound { return }
            }
            // A terminal that has no size yet is still one: the next size that comes may be taken.
            guard clock.now < deadline else { return }
            do { try await clock.sleep(for: .milliseconds(20)) } catch { throw .cancelled }
        }
    }

    func close() async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        if !state.withLock({ $0.hasEnded }) { await end(within: .seconds(3)) }
        await stream.close()
    }

    /// Ends the program: the engine has no call for that.
    private func end(within limit: Duration) async {
        let deadline = clock.now.advanced(by: limit)
        var signal = SIGHUP
        while true {
            var found: ExecInspection?
            do throws(EngineFailure) {
                found = try await engine.inspectExec(id, ignoresCancellation: true)
            } catch {
                // One that does not answer is asked again, until it is time.
                if error.isNotFound { return }
            }
            if found?.isRunning == false { return }
            if let pid = found?.pid, pid > 0, isOurs(pid) {
                // The engine makes it the leader of a session: what it has started goes with it.
                if kill(-pid, signal) != 0, kill(pid, signal) != 0, errno == EPERM {
                    return await killInside(pid)
                }
                if signal == SIGKILL { return }
            }
            if signal == SIGKILL, found == nil || clock.now >= deadline { return }
            // Cancelled, it does not wait.
            let isPatient = (try? await clock.sleep(for: .milliseconds(50))) != nil
            if !isPatient || clock.now >= deadline { signal = SIGKILL }
        }
    }

    /// The number is that of the engine's machine, which need not be this one.
    private func isOurs(_ pid: Int32) -> Bool {
        guard let file = fopen("/proc/\(pid)/cgroup", "re") else { return false }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self).contains(container)
    }

    /// Where only the engine may: by a program that it starts.
    private func killInside(_ pid: Int32) async {
        guard let file = fopen("/proc/\(pid)/status", "re") else { return }
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = fread(&buffer, 1, buffer.count, file)
        fclose(file)
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
        guard let inner = line?.split(whereSeparator: { $0 == "\t" || $0 == " " }).last else { return }
        let request = ExecSpecification(ExecRequest(command: ["kill", "-9", String(inner)]))
        // The image may have no such program: then it ends with the container.
        guard let id = try? await engine.createExec(request, in: container, ignoresCancellation: true) else {
            return
        }
        // As above.
        _ = try? await engine.startExecDetached(id)
    }
}
