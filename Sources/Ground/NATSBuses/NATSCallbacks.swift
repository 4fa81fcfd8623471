import CNATS
import Synchronization

/// What the library calls from its threads. It is given numbers and no pointers, so that a call that comes late finds nothing, and
/// harms nothing.
enum NATSCallbacks {
    struct Message: Sendable {
        var subject: String
        var reply: String?
        var payload: [UInt8]
        /// The server says that nobody is subscribed to what was asked.
        var isNoResponders: Bool
    }

    enum Target: Sendable {
        case messages(@Sendable (Message) -> Void)
        /// Why the connection is closed; empty where it was asked to be.
        case closed(@Sendable (String) -> Void)
        case trouble(@Sendable (String) -> Void)
    }

    private struct State {
        var targets: [Int: Target] = [:]
        var next = 1
    }

    private static let state = Mutex(State())

    static func add(_ target: Target) -> Int {
        state.withLock { state in
            defer { state.next += 1 }
            state.targets[state.next] = target
            return state.next
        }
    }

    static func remove(_ number: Int) { state.withLock { $0.targets[number] = nil } }

    /// What C hands back of a number.
    static func closure(_ number: Int) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: number)
    }

    private static func target(_ closure: UnsafeMutableRawPointer?) -> Target? {
        let number = Int(bitPattern: closure)
        return state.withLock { $0.targets[number] }
    }

    static let onMessage: natsMsgHandler = { _, _, message, closure in
        defer { natsMsg_Destroy(message) }
        guard case .messages(let take)? = target(closure), let subject = natsMsg_GetSubject(message) else {
            return
        }
        let length = Int(natsMsg_GetDataLength(message))
        let bytes = UnsafeRawBufferPointer(start: natsMsg_GetData(message), count: max(0, length))
        take(
            Message(
                subject: String(cString: subject),
                reply: natsMsg_GetReply(message).map { String(cString: $0) },
                payload: Array(bytes), isNoResponders: natsMsg_IsNoResponders(message)))
    }

    static let onClosed: natsConnectionHandler = { connection, closure in
        guard case .closed(let take)? = target(closure) else { return }
        var text: UnsafePointer<CChar>?
        let status = natsConnection_GetLastError(connection, &text)
        let words = text.map { String(cString: $0) } ?? ""
        take(status == NATS_OK ? "" : words.isEmpty ? NATSError.words(status) : words)
    }

    static let onError: natsErrHandler = { _, _, status, closure in
        guard case .trouble(let take)? = target(closure) else { return }
        take(
            status == NATS_SLOW_CONSUMER
                ? "messages came faster than they were taken" : NATSError.words(status))
    }
}
