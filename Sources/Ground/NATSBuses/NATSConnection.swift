import CNATS
import Synchronization

/// One connection to one server. It does not come back by itself: who has it makes another.
///
/// Its methods block, and so does letting go of it. The library's handle may be used from any thread.
final class NATSConnection: @unchecked Sendable {
    /// How long the server may take to be reached, and to take what is sent.
    static let patience: Int64 = 5000
    /// A server that answers none of two is gone.
    static let pingInterval: Int64 = 5000

    private let handle: OpaquePointer
    private let callbacks: [Int]
    private let subscriptions = Mutex<[String: Subscription]>([:])

    /// As its connection, it may be used from any thread.
    private struct Subscription: @unchecked Sendable {
        var handle: OpaquePointer
        var callback: Int

        /// What is answered concerns the server, and the connection tells that by itself.
        func end() {
            NATSCallbacks.remove(callback)
            natsSubscription_Unsubscribe(handle)
            natsSubscription_Destroy(handle)
        }
    }

    /// - Parameters:
    ///   - closed: told once why it is closed, from a thread of the library.
    ///   - trouble: told what went wrong without closing it.
    init(
        _ server: NATSLocation.Server, _ location: NATSLocation, name: String,
        closed: @escaping @Sendable (String) -> Void, trouble: @escaping @Sendable (String) -> Void
    ) throws(NATSError) {
        var made: OpaquePointer?
        let what = "NATS at \(server.url)"
        try Self.check(natsOptions_Create(&made), what)
        let options = made
        defer { natsOptions_Destroy(options) }
        try Self.configure(options, server, location, name, what)
        let numbers = [NATSCallbacks.add(.closed(closed)), NATSCallbacks.add(.trouble(trouble))]
        var connection: OpaquePointer?
        do throws(NATSError) {
            try Self.check(
                natsOptions_SetClosedCB(
                    options, NATSCallbacks.onClosed, NATSCallbacks.closure(numbers[0])), what)
            try Self.check(
                natsOptions_SetErrorHandler(
                    options, NATSCallbacks.onError, NATSCallbacks.closure(numbers[1])), what)
            try Self.check(natsConnection_Connect(&connection, options), what)
            guard connection != nil else { throw NATSError(NATS_ERR, what) }
        } catch {
            numbers.forEach(NATSCallbacks.remove)
            throw error
        }
        handle = connection!
        callbacks = numbers
    }

    private static func configure(
        _ options: OpaquePointer?, _ server: NATSLocation.Server, _ location: NATSLocation, _ name: String,
        _ what: String
    ) throws(NATSError) {
        try check(natsOptions_SetURL(options, server.url), what)
        try check(natsOptions_SetName(options, name), what)
        try check(natsOptions_SetTimeout(options, patience), what)
        try check(natsOptions_SetWriteDeadline(options, patience), what)
        try check(natsOptions_SetPingInterval(options, pingInterval), what)
        try check(natsOptions_SetMaxPingsOut(options, 2), what)
        try check(natsOptions_SetAllowReconnect(options, false), what)
        try check(natsOptions_SetIgnoreDiscoveredServers(options, true), what)
        // One thread of the library hands all messages on, and what it calls never waits.
        try check(natsOptions_UseGlobalMessageDelivery(options, true), what)
        try check(natsOptions_SetSendAsap(options, true), what)
        if let token = location.token { try check(natsOptions_SetToken(options, token), what) }
        if let file = location.credentialsFile {
            try check(natsOptions_SetUserCredentialsFromFiles(options, file, nil), "\(what), \(file)")
        }
        guard server.isSecure else { return }
        try check(natsOptions_SetSecure(options, true), what)
        try check(natsOptions_SetExpectedHostname(options, server.host), what)
        if let file = location.authoritiesFile {
            try check(natsOptions_LoadCATrustedCertificates(options, file), "\(what), \(file)")
        }
        if let file = location.certificateFile {
            let key = location.keyFile ?? file
            try check(natsOptions_LoadCertificatesChain(options, file, key), "\(what), \(file)")
        }
    }

    private static func check(_ status: natsStatus, _ what: String) throws(NATSError) {
        guard status == NATS_OK else { throw NATSError(status, what) }
    }

    /// The most bytes of a payload that the server takes.
    var maximumPayload: Int { Int(natsConnection_GetMaxPayload(handle)) }

    func publish(_ subject: String, reply: String?, _ payload: [UInt8]) throws(NATSError) {
        let status = payload.withUnsafeBytes { bytes in
            let (start, count) = (bytes.baseAddress, Int32(bytes.count))
            guard let reply else { return natsConnection_Publish(handle, subject, start, count) }
            return natsConnection_PublishRequest(handle, subject, reply, start, count)
        }
        try Self.check(status, "sending on '\(subject)'")
    }

    /// Subscribes, once for each subject; `take` is called from a thread of the library.
    func subscribe(
        _ subject: String, _ take: @escaping @Sendable (NATSCallbacks.Message) -> Void
    ) throws(NATSError) {
        guard subscriptions.withLock({ $0[subject] == nil }) else { return }
        let number = NATSCallbacks.add(.messages(take))
        var subscription: OpaquePointer?
        let status = natsConnection_Subscribe(
            &subscription, handle, subject, NATSCallbacks.onMessage, NATSCallbacks.closure(number))
        guard status == NATS_OK, let subscription else {
            NATSCallbacks.remove(number)
            throw NATSError(status, "subscribing to '\(subject)'")
        }
        let made = Subscription(handle: subscription, callback: number)
        subscriptions.withLock { $0[subject] = made }
    }

    func unsubscribe(_ subject: String) {
        subscriptions.withLock { $0.removeValue(forKey: subject) }?.end()
    }

    /// Ends it; whoever uses it afterwards is told that it is closed.
    func close() {
        callbacks.forEach(NATSCallbacks.remove)
        let subscriptions = subscriptions.withLock { all in
            defer { all = [:] }
            return Array(all.values)
        }
        for subscription in subscriptions { subscription.end() }
        natsConnection_Close(handle)
    }

    deinit {
        close()
        natsConnection_Destroy(handle)
    }
}
