import Buses
import Concurrency
import Core
import Synchronization

// The connection, as long as there is one, and the next.
extension NATSBus {
    /// Keeps the bus connected until the task is cancelled: tries the servers in turn, after growing pauses of random length, so that
    /// those who lost a server together do not come back together. Then every subscription ends.
    public func run() async {
        var backoff = Backoff(base: .milliseconds(200), cap: .seconds(5))
        var turn = 0
        var isTold = false
        while !Task.isCancelled {
            let server = location.servers[turn % location.servers.count]
            turn += 1
            let joined = Latch<Void>()
            let reason = await session(with: server) {
                if isTold { note("the bus is back, over NATS at \(server.url)") }
                isTold = false
                joined.open()
                for watcher in watchers.withLock({ $0 }) { watcher(nil) }
            }
            if Task.isCancelled { break }
            if joined.isOpen { backoff.reset() }
            leaveAll(because: reason)
            for watcher in watchers.withLock({ $0 }) { watcher(reason) }
            if !isTold { note("the bus is away; trying again: \(reason)") }
            isTold = true
            let wait = backoff.next(random: environment.random) ?? .seconds(5)
            // Cancelled: it ends.
            guard (try? await environment.clock.sleep(for: wait)) != nil else { break }
        }
        close()
        pool.stop()
    }

    /// One connection, from its beginning to its end; why it ended.
    private func session(with server: NATSLocation.Server, _ joined: () -> Void) async -> String {
        let closed = Latch<String>()
        let connection: NATSConnection
        do {
            connection = try await pool.run("connect") { [self] in
                try NATSConnection(
                    server, location, name: name, closed: { closed.set($0) },
                    trouble: { [note] in note("the bus: \($0)") })
            }
        } catch {
            return "\(error)"
        }
        let orders = Mailbox<Order>("messages to NATS", capacity: Self.maximumWaiting)
        let inbox = inbox
        let reason: String
        do {
            try await pool.run("subscribe") { [self] in
                try connection.subscribe("\(inbox).*") { [weak self] in self?.answer($0) }
            }
            join(server, connection.maximumPayload, orders)
            joined()
            reason = try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask {
                    let why = try await closed.value()
                    return "NATS at \(server.url): \(why.isEmpty ? "the server closed the connection" : why)"
                }
                group.addTask { try await self.carryOut(orders, connection) }
                defer { group.cancelAll() }
                return try await group.next() ?? ""
            }
        } catch {
            await end(connection, orders)
            return "\(error)"
        }
        await end(connection, orders)
        return reason
    }

    private func join(_ server: NATSLocation.Server, _ limit: Int, _ orders: Mailbox<Order>) {
        state.withLock { state in
            // Before anything else is sent: who subscribed while it was away, or before.
            for pattern in state.subscribers.keys { _ = orders.send(.subscribe(pattern)) }
            state.status = .connected(server: server.url)
            state.limit = limit
            state.orders = orders
            state.waitingBytes = 0
        }
    }

    private func end(_ connection: NATSConnection, _ orders: Mailbox<Order>) async {
        state.withLock { state in
            if state.orders === orders { state.orders = nil }
        }
        orders.close()
        let isClosed = Latch<Void>()
        // It may block, and also what is cancelled has to do it: on a thread of its own.
        OSThread.start(name: "nats-close") {
            connection.close()
            isClosed.open()
        }
        // Cancelled: nobody waits for it.
        _ = try? await isClosed.wait()
    }

    /// Sends what is ordered, until that is over.
    private func carryOut(_ orders: Mailbox<Order>, _ connection: NATSConnection) async throws -> String {
        while let batch = try await orders.nextBatch() {
            try await pool.run("publish") { [self] in
                for order in batch { try carryOut(order, connection) }
            }
        }
        return "it is closed"
    }

    private func carryOut(_ order: Order, _ connection: NATSConnection) throws {
        do throws(NATSError) {
            switch order {
            case .publish(let subject, let reply, let payload):
                state.withLock { $0.waitingBytes -= payload.count + subject.utf8.count }
                try connection.publish(subject, reply: reply, payload)
            case .subscribe(let pattern):
                try connection.subscribe(wire(pattern)) { [weak self] in self?.deliver($0, to: pattern) }
            case .unsubscribe(let pattern): connection.unsubscribe(wire(pattern))
            }
        } catch {
            if error.isFatal { throw error }
            note("the bus: \(error)")
        }
    }

    // MARK: What comes, on a thread of the library

    private func answer(_ message: NATSCallbacks.Message) {
        guard let asking = state.withLock({ $0.asking.removeValue(forKey: message.subject) }) else { return }
        if message.isNoResponders {
            asking.answer.set(.failure(.noResponder(asking.subject)))
        } else {
            let answer = BusMessage(subject: asking.subject, payload: message.payload)
            asking.answer.set(.success(answer))
        }
    }

    private func deliver(_ message: NATSCallbacks.Message, to pattern: SubjectPattern) {
        // Others may say on these subjects what a bus does not carry.
        guard let subject = subject(of: message.subject), message.payload.count <= BusMessage.maximumPayload
        else { return }
        let received = BusMessage(
            subject: subject, payload: message.payload, replyTo: message.reply.flatMap(self.subject(of:)))
        let queues = state.withLock { state in
            let queues = state.subscribers[pattern].map { Array($0.values) } ?? []
            for queue in queues { queue.add(received) }
            return queues
        }
        for queue in queues { queue.wake() }
    }

    // MARK: The end

    private func leaveAll(because reason: String) {
        let asking = state.withLock { state in
            (state.status, state.orders) = (.away(reason), nil)
            defer { state.asking = [:] }
            return Array(state.asking.values)
        }
        for asking in asking { asking.answer.set(.failure(.away(reason))) }
    }

    private func close() {
        leaveAll(because: "it is closed")
        let queues = state.withLock { state in
            state.isClosed = true
            defer { (state.subscribers, state.subscriptionCount) = ([:], 0) }
            return state.subscribers.values.flatMap(\.values)
        }
        for queue in queues { queue.close() }
    }

    // MARK: Subjects

    /// As the server knows it. Where answers are waited for is said as it is.
    func wire(_ subject: Subject) -> String {
        subject.text.hasPrefix("_INBOX.") ? subject.text : "\(prefix).\(subject)"
    }

    private func wire(_ pattern: SubjectPattern) -> String { "\(prefix).\(pattern)" }

    private func subject(of text: String) -> Subject? {
        let start = "\(prefix)."
        return Subject(parsing: text.hasPrefix(start) ? String(text.dropFirst(start.count)) : text)
    }
}
