import Concurrency
public import Core
import Synchronization

/// The bus within one process.
public final class LocalBus: Bus {
    private struct State {
        var tree = SubjectTree<SubscriberQueue>()
        var nextID: UInt64 = 0
        var isClosed = false
    }

    /// The most subscriptions at a time.
    public let maximumSubscriptions: Int
    private let environment: Environment
    private let state = Mutex(State())

    public init(environment: Environment, maximumSubscriptions: Int = 10_000) {
        self.environment = environment
        self.maximumSubscriptions = maximumSubscriptions
    }

    /// How many subscriptions there are.
    public var subscriptionCount: Int { state.withLock { $0.tree.count } }

    public func publish(_ message: BusMessage) throws(BusError) { _ = try deliver(message) }

    /// Hands the message on, and returns to how many.
    private func deliver(_ message: BusMessage) throws(BusError) -> Int {
        guard message.payload.count <= BusMessage.maximumPayload else {
            throw .payloadTooLarge(bytes: message.payload.count, limit: BusMessage.maximumPayload)
        }
        // Under the lock, so that all who are subscribed see the messages in one order; the queues never wait.
        let receivers = state.withLock { state -> [SubscriberQueue]? in
            guard !state.isClosed else { return nil }
            guard state.tree.count > 0 else { return [] }
            var receivers: [SubscriberQueue] = []
            state.tree.forEach(matching: message.subject) { receivers.append($0) }
            for receiver in receivers { receiver.add(message) }
            return receivers
        }
        guard let receivers else { throw .closed }
        for receiver in receivers { receiver.wake() }
        return receivers.count
    }

    public func subscribe(
        _ pattern: SubjectPattern, _ options: SubscriptionOptions
    ) async throws(BusError) -> any BusSubscription {
        try subscribe(now: pattern, options)
    }

    private func subscribe(
        now pattern: SubjectPattern, _ options: SubscriptionOptions
    ) throws(BusError) -> LocalSubscription {
        let queue = SubscriberQueue(options)
        let id = try state.withLock { state throws(BusError) -> UInt64 in
            guard !state.isClosed else { throw .closed }
            guard state.tree.count < maximumSubscriptions else {
                throw .tooManySubscriptions(limit: maximumSubscriptions)
            }
            state.nextID += 1
            state.tree.insert(queue, id: state.nextID, under: pattern)
            return state.nextID
        }
        return LocalSubscription(queue) { [weak self] in
            self?.state.withLock { $0.tree.remove(id: id, under: pattern) }
        }
    }

    public func request(
        _ subject: Subject, _ payload: [UInt8], within limit: Duration
    ) async throws(BusError) -> BusMessage {
        guard let address = Subject(parsing: "_inbox.\(String(environment.random.next(), radix: 36))") else {
            preconditionFailure("digits are no subject")
        }
        let answers = try subscribe(
            now: SubjectPattern(address), SubscriptionOptions(capacity: 1, overflow: .disconnect))
        defer { answers.cancel() }
        let asked = try deliver(BusMessage(subject: subject, payload: payload, replyTo: address))
        guard asked > 0 else { throw .noResponder(subject) }
        do {
            let batch = try await withDeadline(limit, clock: environment.clock, of: "a request") {
                try await answers.nextBatch()
            }
            guard let answer = batch?.messages.first else { throw BusError.closed }
            return answer
        } catch let error as BusError {
            throw error
        } catch let error as ApolloError where error.kind == .deadline {
            throw .deadline(subject, limit)
        } catch {
            throw .cancelled
        }
    }

    /// Ends every subscription, and takes nothing more.
    public func close() {
        let queues = state.withLock { state in
            var queues: [SubscriberQueue] = []
            state.tree.forEachValue { queues.append($0) }
            state.tree = SubjectTree()
            state.isClosed = true
            return queues
        }
        for queue in queues { queue.close() }
    }
}

private final class LocalSubscription: BusSubscription {
    private let queue: SubscriberQueue
    private let leave: @Sendable () -> Void

    init(_ queue: SubscriberQueue, leave: @escaping @Sendable () -> Void) {
        self.queue = queue
        self.leave = leave
    }

    deinit { cancel() }

    var missed: UInt64 { queue.missed }

    func nextBatch() async throws(BusError) -> BusBatch? { try await queue.nextBatch() }

    func cancel() {
        leave()
        queue.close()
    }
}
