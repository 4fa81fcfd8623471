import Core

/// Carries messages from whoever knows something to whoever wants to know, who need not know each other.
///
/// A bus promises little: a message reaches those who are subscribed when it is published, each at most once, those of one
/// publisher in their order. It keeps nothing for those who come later, and a subscriber who reads too slowly misses some,
/// and is told how many. What must not be lost belongs in the database; the bus says that it is worth a look.
///
/// `BusContract` in the tests is what every implementation has to pass.
public protocol Bus: Sendable {
    /// Hands a message on to everyone who is subscribed. Never waits for them.
    func publish(_ message: BusMessage) throws(BusError)

    /// Subscribes; messages published after this returns arrive.
    func subscribe(_ pattern: SubjectPattern, _ options: SubscriptionOptions) async throws(BusError)
        -> any BusSubscription

    /// Publishes with an address for answers, and returns the first of them. Throws ``BusError/noResponder(_:)`` at once
    /// where nobody is subscribed to the subject, and ``BusError/deadline(_:_:)`` where nobody answers in time.
    func request(_ subject: Subject, _ payload: [UInt8], within limit: Duration) async throws(BusError)
        -> BusMessage
}

extension Bus {
    public func publish(_ subject: Subject, _ payload: [UInt8]) throws(BusError) {
        try publish(BusMessage(subject: subject, payload: payload))
    }

    public func subscribe(_ pattern: SubjectPattern) async throws(BusError) -> any BusSubscription {
        try await subscribe(pattern, SubscriptionOptions())
    }

    /// Answers a message that asks for it; one that does not is left alone.
    public func reply(to message: BusMessage, _ payload: [UInt8]) throws(BusError) {
        guard let address = message.replyTo else { return }
        try publish(BusMessage(subject: address, payload: payload))
    }
}

/// What travels on a bus.
public struct BusMessage: Hashable, Sendable {
    /// The most bytes of a payload: what a NATS server takes unless told otherwise.
    public static let maximumPayload = 1 << 20

    public var subject: Subject
    public var payload: [UInt8]
    /// Where an answer is waited for.
    public var replyTo: Subject?

    public init(subject: Subject, payload: [UInt8], replyTo: Subject? = nil) {
        self.subject = subject
        self.payload = payload
        self.replyTo = replyTo
    }
}

/// How much a subscriber lets wait, and what becomes of it when that is not enough.
public struct SubscriptionOptions: Hashable, Sendable {
    public enum Overflow: Hashable, Sendable {
        /// The oldest messages make room: the subscriber wants the newest.
        case dropOldest
        /// The subscription ends, once what lies in it is read, with ``BusError/tooSlow(missed:)``: the subscriber has to
        /// begin anew.
        case disconnect
    }

    /// The most messages that wait.
    public var capacity: Int
    public var overflow: Overflow

    public init(capacity: Int = 1024, overflow: Overflow = .dropOldest) {
        precondition(capacity > 0, "a subscription needs room for at least one message")
        self.capacity = capacity
        self.overflow = overflow
    }
}

/// One subscriber's end. It ends with ``cancel()`` or with its last reference.
public protocol BusSubscription: AnyObject, Sendable {
    /// How many messages it has missed so far.
    var missed: UInt64 { get }

    /// Waits until there is something and takes all of it; nil once it was cancelled. One reader at a time.
    func nextBatch() async throws(BusError) -> BusBatch?

    func cancel()
}

/// What a subscriber gets at once.
public struct BusBatch: Hashable, Sendable {
    /// How many messages were dropped before the first of these.
    public var missed: UInt64
    /// In the order they were published; never empty.
    public var messages: [BusMessage]

    public init(missed: UInt64, messages: [BusMessage]) {
        self.missed = missed
        self.messages = messages
    }
}
