import HTTPClients
import HTTPModel
import Synchronization
import TaskRuntimes

/// Reads an attempt's output from the engine as it comes.
final class ContainerLogReader: LogReader {
    private let body: Mutex<(any HTTPBodyReader)?>
    private let decoder: Mutex<LogFrameDecoder>

    init(_ body: any HTTPBodyReader, mendsLineEnds: Bool) {
        self.body = Mutex(body)
        decoder = Mutex(LogFrameDecoder(mendsLineEnds: mendsLineEnds))
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
                await close()
                guard decoder.withLock({ $0.isAtBoundary }) else {
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

    func close() async { body.withLock { $0 = nil } }
}
