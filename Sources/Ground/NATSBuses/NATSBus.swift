public import Buses
import Concurrency
public import Core
import Synchronization

/// The bus over NATS, between the machines of a platform.
///
/// It is there while ``run()`` runs and a server can be reached: what is published meanwhile that it is not is refused, and who
/// subscribed gets what is published once it is back. Subjects stand below a prefix of the platform's, so that others may use the
/// same servers.
public final class NATSBus: Bus {
    /// Whether it is there.
    public enum Status: Hashable, Sendable {
        case connected(server: String)
        /// With the reason, in words.
        case away(String)
    }

    enum Order: Sendable {
        case publish(subject: String, reply: String?, payload: [UInt8])
        case subscribe(SubjectPattern)
        case unsubscribe(SubjectPattern)
    }

    /// Who waits for an answer.
    struct Asking: Sendable {
        var subject: Subject
        let answer = Latch<Result<BusMessage, BusError>>()
    }

    struct State {
        var status: Status
        /// What is to be sent; nil while there is no connection.
        var orders: Mailbox<Order>?
        /// Bytes that wait in it.
        var waitingBytes = 0
        var limit = BusMessage.maximumPayload
        var subscribers: [SubjectPattern: [UInt64: SubscriberQueue]] = [:]
        var subscriptionCount = 0
        var asking: [String: Asking] = [:]
        var next: UInt64 = 0
        var isClosed = false
    }

    /// The most bytes and messages that wait to be sent.
    static let maximumWaitingBytes = 16 << 20
    static let maximumWaiting = 1 << 16

    public let location: NATSLocation
    let name: String
    let prefix: Subject
    let maximumSubscriptions: Int
    let environment: Environment
    let note: @Sendable (String) -> Void
    /// Where answers come.
    let inbox: String
    let pool = BlockingPool(name: "nats", threads: 1)
    let state: Mutex<State>
    /// Told nil when it is connected, and why when it is away.
    let watchers = Mutex<[@Sendable (String?) -> Void]>([])
    /// What subscribing waits for.
    private static let patience = Duration.seconds(5)

    /// - Parameters:
    ///   - name: what it is called at the server.
    ///   - prefix: what all subjects stand below.
    ///   - note: For the log: that it is away, once, and that it is back.
    public init(
        _ location: NATSLocation, name: String, prefix: Subject, environment: Environment,
        maximumSubscriptions: Int = 10_000, note: @escaping @Sendable (String) -> Void
    ) {
        self.location = location
        self.name = name
        self.prefix = prefix
        self.environment = environment
        self.maximumSubscriptions = maximumSubscriptions
        self.note = note
        inbox = "_INBOX.\(String(environment.random.next(), radix: 36))"
        state = Mutex(State(status: .away("\(location) was not reached yet")))
    }

    public var status: Status { state.withLock { $0.status } }

    /// Connects once, and returns how long the server takes to answer; for a bus that does not run. Throws ``BusError``, with why it
    /// cannot be used.
    public func check(within limit: Duration) async throws(BusError) -> Duration {
        let (connected, lost) = (Latch<Void>(), Latch<String>())
        watchers.withLock {
            $0 = [{ reason in if let reason { lost.set(reason) } else { connected.open() } }]
        }
        do {
            return try await withDeadline(limit, clock: environment.clock, of: "connecting") { [self] in
                try await withThrowingTaskGroup(of: Duration?.self) { group in
                    group.addTask {
                        await self.run()
                        return nil
                    }
                    group.addTask {
                        try await connected.wait()
                        let start = self.environment.clock.now
                        _ = try await self.ask(nil, about: self.prefix, [], within: limit)
                        return start.duration(to: self.environment.clock.now)
                    }
                    group.addTask { throw BusError.away(try await lost.value()) }
                    defer { group.cancelAll() }
                    while let found = try await group.next() { if let found { return found } }
                    throw BusError.closed
                }
            }
        } catch let error as BusError {
            throw error
        } catch {
            throw .away("\(location) does not answer within \(limit.short)")
        }
    }

    public func publish(_ message: BusMessage) throws(BusError) {
        try send(wire(message.subject), reply: message.replyTo.map(wire), message.payload)
    }

    private func send(_ subject: String, reply: String?, _ payload: [UInt8]) throws(BusError) {
        let size = payload.count + subject.utf8.count
        try state.withLock { state throws(BusError) in
            let limit = min(state.limit, BusMessage.maximumPayload)
            guard payload.count <= limit else {
                throw .payloadTooLarge(bytes: payload.count, limit: limit)
            }
            guard let orders = state.orders else { throw Self.absence(state) }
            guard state.waitingBytes + size <= Self.maximumWaitingBytes,
                orders.send(.publish(subject: subject, reply: reply, payload: payload))
            else { throw .full }
            state.waitingBytes += size
        }
    }

    static func absence(_ state: State) -> BusError {
        if state.isClosed { return .closed }
        guard case .away(let reason) = state.status else { return .full }
        return .away(reason)
    }

    public func subscribe(
        _ pattern: SubjectPattern, _ options: SubscriptionOptions
    ) async throws(BusError) -> any BusSubscription {
        let queue = SubscriberQueue(options)
        let id = try state.withLock { state throws(BusError) -> UInt64 in
            guard state.subscriptionCount < maximumSubscriptions else {
                throw .tooManySubscriptions(limit: maximumSubscriptions)
            }
            guard let orders = state.orders else { throw Self.absence(state) }
            if state.subscribers[pattern] == nil, !orders.send(.subscribe(pattern)) { throw .full }
            state.next += 1
            state.subscribers[pattern, default: [:]][state.next] = queue
            state.subscriptionCount += 1
            return state.next
        }
        let subscription = NATSSubscription(queue) { [weak self] in self?.leave(id, pattern) }
        // A server takes what one connection sends in its order: once this comes back the subscription is known there.
        do throws(BusError) {
            _ = try await ask(nil, about: prefix, [], within: Self.patience)
        } catch {
            subscription.cancel()
            guard case .deadline = error else { throw error }
            throw .away("the server does not answer")
        }
        return subscription
    }

    private func leave(_ id: UInt64, _ pattern: SubjectPattern) {
        state.withLock { state in
            guard state.subscribers[pattern]?.removeValue(forKey: id) != nil else { return }
            state.subscriptionCount -= 1
            guard state.subscribers[pattern]?.isEmpty == true else { return }
            state.subscribers[pattern] = nil
            // Where it is full the server goes on to send what nobody takes, until the next connection.
            _ = state.orders?.send(.unsubscribe(pattern))
        }
    }

    public func request(
        _ subject: Subject, _ payload: [UInt8], within limit: Duration
    ) async throws(BusError) -> BusMessage {
        try await ask(wire(subject), about: subject, payload, within: limit)
    }

    /// Sends what is to be answered; to itself where there is no subject.
    private func ask(
        _ target: String?, about subject: Subject, _ payload: [UInt8], within limit: Duration
    ) async throws(BusError) -> BusMessage {
        let asking = Asking(subject: subject)
        let address = state.withLock { state in
            state.next += 1
            let address = "\(inbox).\(state.next)"
            state.asking[address] = asking
            return address
        }
        defer { state.withLock { $0.asking[address] = nil } }
        if let target {
            try send(target, reply: address, payload)
        } else {
            try send(address, reply: nil, payload)
        }
        do {
            let answer = try await withDeadline(limit, clock: environment.clock, of: "a request") {
                try await asking.answer.value()
            }
            return try answer.get()
        } catch let error as BusError {
            throw error
        } catch let error as ApolloError where error.kind == .deadline {
            throw .deadline(subject, limit)
        } catch {
            throw .cancelled
        }
    }
}

private final class NATSSubscription: BusSubscription {
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
