import Core
import HTTPClients
import HTTPModel
import Synchronization
import TaskRuntimes

/// Reads an attempt's output from the engine as it comes.
final class ContainerLogReader: LogReader {
    private let body: Mutex<(any HTTPBodyReader)?>
    private let decoder: Mutex<LogFrameDecoder>
    private let again: Mutex<Reopen?>

    /// Opens the log as it is, from a time on; nil for the beginning.
    typealias Reopen = @Sendable (Timestamp?) async throws(RuntimeError) -> any HTTPBodyReader

    /// - Parameter again: For a log that is followed. The engine (dockerd 20.10) ends a follower when the container ends,
    ///   however far behind it is: the rest is then read as that of a finished container.
    init(
        _ body: any HTTPBodyReader, mendsLineEnds: Bool, after place: LogPlace? = nil, again: Reopen? = nil
    ) {
        self.body = Mutex(body)
        self.again = Mutex(again)
        decoder = Mutex(LogFrameDecoder(mendsLineEnds: mendsLineEnds, after: place))
    }

    func next() async throws(RuntimeError) -> [LogRecord]? {
        while let body = body.withLock({ $0 }) {
            let piece: [UInt8]?
            do {
                piece = try await body.next()
            } catch let error as HTTPClientError {
                throw EngineFailure.transport(error).runtimeError("reading the log")
            } catch {
                throw .failed("reading the log failed: \(error)")
            }
            guard let piece else {
                let isWhole = decoder.withLock { $0.isAtBoundary }
                if try await readsOn() { continue }
                await close()
                guard isWhole else {
                    throw .failed("reading the log failed: it breaks off within a record")
                }
                return nil
            }
            let records = decoder.withLock { decoder in
                Result { () throws(LogFrameDecoder.Failure) in try decoder.decode(piece) }
            }
            switch records {
            case .success(let records): if !records.isEmpty { return records }
            case .failure(.malformed(let reason)): throw .failed("reading the log failed: \(reason)")
            }
        }
        return nil
    }

    /// Goes on with what the engine did not send to its follower. False where that was done already.
    private func readsOn() async throws(RuntimeError) -> Bool {
        let reopen = again.withLock { again in
            defer { again = nil }
            return again
        }
        guard let reopen else { return false }
        let since = decoder.withLock { $0.beginAgain() }
        do throws(RuntimeError) {
            let rest = try await reopen(since)
            // Closed meanwhile, it stays so.
            body.withLock { if $0 != nil { $0 = rest } }
            return true
        } catch .unknownAttempt {
            return false  // Removed meanwhile, and its output with it.
        }
    }

    func close() async { body.withLock { $0 = nil } }
}
