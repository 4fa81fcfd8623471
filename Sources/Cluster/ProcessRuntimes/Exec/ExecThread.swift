import CApollo
import Concurrency
import Core
import Glibc
import Synchronization
import TaskRuntimes

/// The thread that is the parent of a program beside an attempt: carries its input and output, and sees it end.
final class ExecThread: Sendable {
    private struct State {
        var size: TerminalSize?
        var isClosing = false
        /// Taken from the mailbox and not given on yet, the next one last.
        var batch: [ExecEvent] = []
    }

    let input = Mailbox<ExecInput>("input of a program", capacity: 4)
    private let events = Mailbox<ExecEvent>("output of a program", capacity: 8)
    private let state = Mutex(State())
    private let bell: Descriptor
    private let bellEnd: Descriptor

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard capollo_pipe(&ends) == 0 else { throw .last("pipe2", "to a program's thread") }
        bellEnd = Descriptor(owning: ends[0])
        bell = Descriptor(owning: ends[1])
    }

    // MARK: For others

    /// The next event; nil after the last. Throws only when cancelled.
    func next() async throws -> ExecEvent? {
        while true {
            if let event = state.withLock({ $0.batch.popLast() }) { return event }
            guard let batch = try await events.nextBatch() else { return nil }
            state.withLock { $0.batch = batch.reversed() }
            wake()  // There is room again.
        }
    }

    func resize(to size: TerminalSize) {
        state.withLock { $0.size = size }
        wake()
    }

    func close() {
        state.withLock { $0.isClosing = true }
        input.close()
        wake()
    }

    func wake() {
        var byte: UInt8 = 0
        _ = write(bell.number, &byte, 1)
    }

    // MARK: The thread

    /// Starts the program, says how that went, and returns when it has ended.
    func run(_ starter: ExecStarter, started: (Result<Void, RuntimeError>) -> Void) {
        // What the program does not read any more is no reason for us to die.
        capollo_block_sigpipe()
        // The relay alone has the program's ends, and closes them when it lets go.
        var relay: ExecRelay
        do throws(RuntimeError) {
            relay = ExecRelay(try starter.start(), main: starter.surroundings.main)
        } catch {
            input.close()
            events.close()
            return started(.failure(error))
        }
        started(.success(()))
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        while !relay.isDone {
            let (size, isClosing) = state.withLock { state in
                defer { state.size = nil }
                return (state.size, state.isClosing)
            }
            if let size { relay.resize(to: size) }
            if isClosing { relay.hangUp() }
            while relay.wantsInput, case let batch = input.takeNow(), !batch.isEmpty { relay.take(batch) }
            if let event = relay.event, events.send(event) { relay.event = nil }
            // Who closes takes no events any more.
            if isClosing { relay.event = nil }
            relay.step(bellEnd, &buffer)
        }
        input.close()
        events.close()
    }
}
