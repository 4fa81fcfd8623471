import Core
public import Synchronization

/// A bounded queue from many senders to one consumer, who takes all there is at once.
///
/// One lock for the sender and one for a whole batch: about 40 ns an item, where an `AsyncStream` between tasks takes
/// microseconds. A full mailbox says so: ``send(_:)`` returns false, ``sendWaiting(_:)`` waits for room. Items are
/// delivered in the order they were accepted; what was accepted before ``close()`` is still delivered.
public final class Mailbox<Element: Sendable>: Sendable {
    @usableFromInline
    typealias Continuation = UnsafeContinuation<Void, any Error>

    @usableFromInline
    struct Sender: Sendable {
        @usableFromInline var element: Element
        @usableFromInline var continuation: Continuation
    }

    @usableFromInline
    struct State {
        @usableFromInline var items: [Element] = []
        @usableFromInline var senders = WaitList<Sender>()
        @usableFromInline var consumer: Continuation?
        @usableFromInline var isClosed = false
    }

    // What every item passes is inlinable: an unspecialised generic takes twice as long.
    @usableFromInline let state = Mutex(State())
    /// What the mailbox is for, as errors name it.
    public let name: String
    /// The most items that may lie in it.
    public let capacity: Int

    public init(_ name: String, capacity: Int) {
        precondition(capacity > 0, "the mailbox '\(name)' needs room for at least one item")
        self.name = name
        self.capacity = capacity
    }

    /// The items that lie in it now.
    public var count: Int { state.withLock { $0.items.count } }

    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Adds `element`; false, and nothing added, when the mailbox is full or closed. Never waits.
    @inlinable
    public func send(_ element: Element) -> Bool {
        let (isAccepted, consumer) = state.withLock { state in
            guard !state.isClosed, state.items.count < capacity, state.senders.isEmpty else {
                return (false, nil as Continuation?)
            }
            state.items.append(element)
            return (true, state.consumer.take())
        }
        consumer?.resume()
        return isAccepted
    }

    /// Adds `element` as soon as there is room, after those who already wait.
    ///
    /// Throws `CancellationError` when cancelled before, and ``ApolloError`` of kind `unavailable` when the mailbox is or
    /// becomes closed; the element is not in the mailbox then.
    public func sendWaiting(_ element: Element) async throws {
        try Task.checkCancellation()
        if send(element) { return }
        let id = state.withLock { $0.senders.makeID() }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                enter(Sender(element: element, continuation: continuation), id: id)
            }
        } onCancel: {
            let sender = state.withLock { $0.senders.remove(id: id) }
            sender?.continuation.resume(throwing: CancellationError())
        }
    }

    private enum Entry {
        case waits
        case accepted(Continuation?)
        case refused(any Error)
    }

    /// Queues a sender, unless there is room by now, or no point in waiting.
    private func enter(_ sender: Sender, id: UInt64) {
        let entry: Entry = state.withLock { state in
            if state.isClosed { return .refused(closedError) }
            // A cancellation that came first found nobody to wake; from here on it finds this sender.
            if Task.isCancelled { return .refused(CancellationError()) }
            if state.items.count < capacity, state.senders.isEmpty {
                state.items.append(sender.element)
                return .accepted(state.consumer.take())
            }
            state.senders.append(sender, id: id)
            return .waits
        }
        switch entry {
        case .waits: break
        case .accepted(let consumer):
            sender.continuation.resume()
            consumer?.resume()
        case .refused(let error): sender.continuation.resume(throwing: error)
        }
    }

    /// Waits until there is something and takes all of it, at most `capacity` items; nil once the mailbox is closed and
    /// empty. Throws `CancellationError` when cancelled while it waits. One consumer at a time.
    public func nextBatch() async throws -> [Element]? {
        var batch: [Element] = []
        return try await nextBatch(into: &batch) ? batch : nil
    }

    /// As ``nextBatch()``, but in `batch`, whose storage goes back into the mailbox: a consumer that keeps one array
    /// makes no allocation. False once the mailbox is closed and empty.
    @inlinable
    public func nextBatch(into batch: inout [Element]) async throws -> Bool {
        batch.removeAll(keepingCapacity: true)
        while true {
            let (isClosed, admitted) = take(into: &batch)
            for sender in admitted { sender.resume() }
            if !batch.isEmpty { return true }
            if isClosed { return false }
            try await waitForItems()
        }
    }

    /// Takes all there is now, and waits for nothing: for a consumer that is a thread of its own.
    public func takeNow() -> [Element] {
        var batch: [Element] = []
        for sender in take(into: &batch).admitted { sender.resume() }
        return batch
    }

    /// Swaps the items out and lets waiting senders fill the room.
    @inlinable
    func take(into batch: inout [Element]) -> (
        isClosed: Bool, admitted: [Continuation]
    ) {
        state.withLock { state in
            swap(&state.items, &batch)
            var admitted: [Continuation] = []
            while state.items.count < capacity, let sender = state.senders.popFirst() {
                state.items.append(sender.element)
                admitted.append(sender.continuation)
            }
            return (state.isClosed, admitted)
        }
    }

    @usableFromInline
    func waitForItems() async throws {
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let (waits, isCancelled) = state.withLock { state in
                    precondition(state.consumer == nil, "the mailbox '\(name)' has two consumers")
                    // Asked under the lock: a cancellation that comes later finds the consumer.
                    let isCancelled = Task.isCancelled
                    guard !isCancelled, state.items.isEmpty, !state.isClosed else {
                        return (false, isCancelled)
                    }
                    state.consumer = continuation
                    return (true, false)
                }
                if waits { return }
                if isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    continuation.resume()
                }
            }
        } onCancel: {
            state.withLock { $0.consumer.take() }?.resume(throwing: CancellationError())
        }
    }

    /// Refuses whatever comes from now on, and those who wait to send. The consumer still gets what was accepted.
    public func close() {
        let (consumer, senders) = state.withLock { state in
            state.isClosed = true
            return (state.consumer.take(), state.senders.takeAll())
        }
        consumer?.resume()
        for sender in senders { sender.continuation.resume(throwing: closedError) }
    }

    private var closedError: ApolloError {
        ApolloError(.unavailable, "the mailbox '\(name)' is closed")
    }
}
