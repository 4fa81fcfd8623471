import Synchronization

/// What waits for one subscriber: a ring of bounded size.
package final class SubscriberQueue: Sendable {
    private typealias Reader = UnsafeContinuation<Void, Never>

    private struct State {
        var messages: [BusMessage] = []
        /// Where the oldest message lies once the ring is full.
        var first = 0
        var missed: UInt64 = 0
        /// Of `missed`, what no batch has told yet.
        var untold: UInt64 = 0
        var reader: Reader?
        var isClosed = false
        /// It overflowed and takes no more.
        var isTooSlow = false
    }

    private let options: SubscriptionOptions
    private let state = Mutex(State())

    package init(_ options: SubscriptionOptions) { self.options = options }

    package var missed: UInt64 { state.withLock { $0.missed } }

    /// Takes a message in; ``wake()`` follows.
    package func add(_ message: BusMessage) {
        state.withLock { state in
            if state.isClosed { return }
            if !state.isTooSlow, state.messages.count < options.capacity {
                return state.messages.append(message)
            }
            state.missed += 1
            switch options.overflow {
            case .disconnect: state.isTooSlow = true
            case .dropOldest:
                state.untold += 1
                state.messages[state.first] = message
                state.first = (state.first + 1) % options.capacity
            }
        }
    }

    package func wake() { state.withLock { $0.reader.take() }?.resume() }

    package func close() {
        state.withLock { state in
            state.isClosed = true
            state.messages = []
            return state.reader.take()
        }?.resume()
    }

    private enum Step {
        case batch(BusBatch?)
        case failed(BusError)
        case wait
    }

    package func nextBatch() async throws(BusError) -> BusBatch? {
        while true {
            switch take() {
            case .batch(let batch): return batch
            case .failed(let error): throw error
            case .wait: await changed()
            }
            if Task.isCancelled { throw .cancelled }
        }
    }

    private func take() -> Step {
        state.withLock { state in
            if state.isClosed { return .batch(nil) }
            guard !state.messages.isEmpty else {
                return state.isTooSlow ? .failed(.tooSlow(missed: state.missed)) : .wait
            }
            let messages = Array(state.messages[state.first...] + state.messages[..<state.first])
            defer {
                state.messages.removeAll(keepingCapacity: true)
                state.first = 0
                state.untold = 0
            }
            return .batch(BusBatch(missed: state.untold, messages: messages))
        }
    }

    /// Returns once there may be something to take, or the task is cancelled.
    private func changed() async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (reader: Reader) in
                let waits = state.withLock { state in
                    precondition(state.reader == nil, "a subscription has two readers")
                    guard state.messages.isEmpty, !state.isClosed, !state.isTooSlow,
                        // Asked under the lock: a cancellation from here on finds the reader.
                        !Task.isCancelled
                    else {
                        return false
                    }
                    state.reader = reader
                    return true
                }
                if !waits { reader.resume() }
            }
        } onCancel: {
            wake()
        }
    }
}
