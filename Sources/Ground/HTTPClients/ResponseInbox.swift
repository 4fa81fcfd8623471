import HTTPModel
import Synchronization

/// Where a transfer's response waits for its reader: filled on the client's thread, emptied by one task at a time.
final class ResponseInbox: Sendable {
    private struct State {
        var head: ResponseHeadReader.Head?
        var pieces: [[UInt8]] = []
        /// The first piece not taken yet; the ones before it are empty.
        var first = 0
        var held = 0
        /// libcurl was told to stop reading, and waits to be told otherwise.
        var isPaused = false
        var isFinished = false
        var failure: HTTPClientError?
        var waiter: CheckedContinuation<Void, Never>?

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }

        mutating func takePiece() -> [UInt8]? {
            guard first < pieces.count else { return nil }
            var piece: [UInt8] = []
            swap(&piece, &pieces[first])
            first += 1
            held -= piece.count
            if first == pieces.count {
                pieces.removeAll(keepingCapacity: true)
                first = 0
            }
            return piece
        }
    }

    /// What reading gave.
    enum Reading: Sendable {
        case piece([UInt8])
        /// A piece after which libcurl, which was paused, is to be resumed.
        case pieceAndResume([UInt8])
        case end
        case failure(HTTPClientError)
        /// Nothing is here yet.
        case nothing
    }

    private let state = Mutex(State())
    /// Bytes held before libcurl is paused; it is resumed at half of them.
    private let limit: Int
    /// Small pieces that come before the reader does are joined up to this size.
    private static let joined = 64 << 10

    init(limit: Int) { self.limit = limit }

    // MARK: The client's thread

    func receive(_ head: ResponseHeadReader.Head) {
        state.withLock { state in
            state.head = head
            return state.takeWaiter()
        }?.resume()
    }

    /// Takes bytes, or returns false where too many are held already: libcurl keeps them and pauses.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (isTaken, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard state.held < limit else {
                state.isPaused = true
                return (false, nil)
            }
            let last = state.pieces.count - 1
            if last >= state.first, state.pieces[last].count + bytes.count <= Self.joined {
                state.pieces[last] += bytes
            } else {
                state.pieces.append([UInt8](bytes))
            }
            state.held += bytes.count
            return (true, state.takeWaiter())
        }
        waiter?.resume()
        return isTaken
    }

    /// Nothing more comes: the response is whole, or broke off with `failure`.
    func finish(_ failure: HTTPClientError?) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isFinished else { return nil }
            state.isFinished = true
            state.failure = failure
            return state.takeWaiter()
        }?.resume()
    }

    // MARK: The reader's task

    /// The head, once it is here.
    func head() async -> Result<ResponseHeadReader.Head, HTTPClientError> {
        while true {
            let known = state.withLock { state -> Result<ResponseHeadReader.Head, HTTPClientError>? in
                if let head = state.head { return .success(head) }
                guard state.isFinished else { return nil }
                return .failure(state.failure ?? .failed("a transfer ended without a response"))
            }
            if let known { return known }
            await changed(awaitingHead: true)
        }
    }

    /// Whether nothing more comes.
    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// What is here now.
    func read() -> Reading {
        state.withLock { state in
            if let piece = state.takePiece() {
                guard state.isPaused, state.held <= limit / 2 else { return .piece(piece) }
                state.isPaused = false
                return .pieceAndResume(piece)
            }
            guard state.isFinished else { return .nothing }
            return state.failure.map { .failure($0) } ?? .end
        }
    }

    /// Returns once something is new since ``head()`` or ``read()`` found nothing.
    func changed(awaitingHead: Bool = false) async {
        await withCheckedContinuation { continuation in
            let isNew = state.withLock { state in
                precondition(state.waiter == nil, "two tasks read one response")
                let isNew = state.isFinished || (awaitingHead ? state.head != nil : !state.pieces.isEmpty)
                if !isNew { state.waiter = continuation }
                return isNew
            }
            if isNew { continuation.resume() }
        }
    }
}
