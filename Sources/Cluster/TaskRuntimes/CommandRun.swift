public import ClusterModel
import Concurrency
public import Core

/// What became of a command that was run beside an attempt.
public enum CommandOutcome: Hashable, Sendable {
    /// 0 to 255, or 128 plus the signal's number; and the last line with anything in it that it wrote to either stream, or of that
    /// the last 1,024 bytes.
    case ended(code: Int32, lastLine: String)
    /// It ran for longer than it may, and was ended.
    case timedOut
}

extension TaskRuntime {
    /// Runs a command beside the attempt, without input, to its end, or ends it after `limit` as ``ExecSession/close()`` does.
    ///
    /// ``RuntimeError/unavailable(_:hint:)`` where it could not even be started within that time.
    public func run(
        _ command: [String], beside attempt: AttemptID, within limit: Duration, clock: any MonotonicClock
    ) async throws(RuntimeError) -> CommandOutcome {
        let session = try await Self.bounded(limit, clock) {
            try await self.exec(attempt, ExecRequest(command: command))
        }
        guard let session else {
            throw .unavailable(
                "the command was not started within \(limit.short)", hint: "the machine may be overloaded")
        }
        let outcome: CommandOutcome?
        do throws(RuntimeError) {
            outcome = try await Self.bounded(limit, clock) { try await Self.follow(session) }
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        return outcome ?? .timedOut
    }

    /// Nil where it takes longer.
    private static func bounded<Value: Sendable>(
        _ limit: Duration, _ clock: any MonotonicClock,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws(RuntimeError) -> Value? {
        do {
            return try await withDeadline(limit, clock: clock, of: "a command", operation)
        } catch let error as ApolloError where error.kind == .deadline {
            return nil
        } catch {
            throw RuntimeError(error)
        }
    }

    private static func follow(_ session: any ExecSession) async throws(RuntimeError) -> CommandOutcome {
        var tail: [UInt8] = []
        while let event = try await session.next() {
            switch event {
            case .output(_, let bytes):
                tail += bytes.suffix(1024)
                if tail.count > 1024 { tail.removeFirst(tail.count - 1024) }
            case .ended(let code, _): return .ended(code: code, lastLine: lastLine(of: tail))
            }
        }
        throw .failed("nobody said how the command ended")
    }

    private static func lastLine(of bytes: [UInt8]) -> String {
        let lines = bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let line = lines.last { $0.contains { $0 > UInt8(ascii: " ") } }
        return String(decoding: line ?? [], as: UTF8.self)
    }
}
