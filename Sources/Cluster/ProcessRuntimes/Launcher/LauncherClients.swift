import CApollo
import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// Clients and what they ask.
extension Launcher {
    func accept() {
        let number = capollo_launcher_accept(listener.number)
        guard number >= 0 else { return }
        let socket = Descriptor(owning: number)
        // The socket's mode lets in nobody else; a directory on an odd file system may not keep it.
        let user = capollo_peer_user(number)
        guard user == Int64(geteuid()) || user == 0 else { return note("refused a client of user \(user)") }
        lastClient += 1
        let client = LauncherClient(id: lastClient, socket: socket)
        // Without a watch the client is let go, and connects again.
        guard (try? watch(socket, as: .client(client))) != nil else { return }
        clients[client.id] = client
    }

    func receive(from client: LauncherClient) {
        guard !client.isClosing else { return }
        do throws(LauncherClient.Failure) {
            for frame in try client.receive() {
                do throws(WireError) {
                    serve(try LauncherRequest(frame), frame.request, client)
                } catch {
                    throw .protocolViolation(error)
                }
            }
        } catch {
            switch error {
            case .closed, .tooSlow: drop(client)
            case .protocolViolation(let what):
                note("a client broke the protocol: \(what)")
                drop(client)
            case .otherVersion(let version):
                // Our greeting tells it what we speak; nothing more can be said.
                note("a client speaks version \(version), this launcher \(Greeting.current.version)")
                client.isClosing = true
            }
        }
    }

    func flush(_ client: LauncherClient) {
        do throws(LauncherClient.Failure) {
            try client.send()
            if client.hasOutgoing != client.isWatchedForWriting {
                client.isWatchedForWriting = client.hasOutgoing
                // A watch exists already: changing what it waits for fails only when the socket is closed, and then its end is told.
                try? poller.watch(client.socket, writing: client.hasOutgoing)
            }
            if client.isClosing, !client.hasOutgoing { drop(client) }
        } catch {
            drop(client)
        }
    }

    private func drop(_ client: LauncherClient) {
        guard clients.removeValue(forKey: client.id) != nil else { return }
        sources[client.socket.number] = nil
        for request in client.pending.keys { forget(request, of: client) }
    }

    private func forget(_ request: UInt32, of client: LauncherClient) {
        guard let id = client.pending.removeValue(forKey: request), let attempt = attempts[id] else { return }
        attempt.waiters.removeAll { $0.client == client.id && $0.request == request }
        attempt.outputWaiters.removeAll { $0.client == client.id && $0.request == request }
    }

    func serve(_ request: LauncherRequest, _ number: UInt32, _ client: LauncherClient) {
        if postpone(request, number, client) { return }
        switch request {
        case .start(let order) where order.handover != nil: begin(order, number, client)
        case .start(let order): client.answer(start(order), to: number)
        case .find(let id):
            // Whoever asks may read its output next, which is done in its own files.
            attempts[id]?.log.moveOut()
            client.answer(attempts[id].map { .started($0.start) } ?? .unknownAttempt, to: number)
        case .stop(let id, let grace): stop(id, .milliseconds(Int64(clamping: grace)), number, client)
        case .wait(let id): wait(id, number, client)
        case .remove(let id): client.answer(remove(id), to: number)
        case .list: list(number, client)
        case .usage(let id):
            let answer: LauncherReply? = attempts[id].map { attempt in
                .usage(attempt.isRunning ? attempt.start.cgroup.usage(main: attempt.start.process.pid) : nil)
            }
            client.answer(answer ?? .unknownAttempt, to: number)
        case .output(let id, let position): awaitOutput(id, position, number, client)
        case .cancel(let request):
            forget(request, of: client)
            forgetPostponed(request, of: client)
        case .status:
            let status = LauncherStatus(
                pid: getpid(), running: UInt32(unended), abilities: starter.plan.description)
            client.answer(.status(status), to: number)
        case .shutDown:
            client.answer(unended == 0 ? .done : .stillRunning, to: number)
            if unended == 0 { isShuttingDown = true }
        }
    }

    private func list(_ number: UInt32, _ client: LauncherClient) {
        let all = attempts.values.map(\.listed) + handovers.values.map(\.listed)
        var at = 0
        repeat {
            let part = Array(all[at..<min(at + 256, all.count)])
            at += part.count
            client.answer(.attempts(part, more: at < all.count), to: number)
        } while at < all.count
    }

    private func wait(_ id: AttemptID, _ number: UInt32, _ client: LauncherClient) {
        guard let attempt = attempts[id] else { return client.answer(.unknownAttempt, to: number) }
        if let exit = attempt.exit { return client.answer(.ended(exit), to: number) }
        client.pending[number] = id
        attempt.waiters.append(.init(client: client.id, request: number, isStop: false))
    }

    private func stop(_ id: AttemptID, _ grace: Duration, _ number: UInt32, _ client: LauncherClient) {
        guard let attempt = attempts[id] else { return client.answer(.unknownAttempt, to: number) }
        guard attempt.exit == nil else { return client.answer(.done, to: number) }
        client.pending[number] = id
        attempt.waiters.append(.init(client: client.id, request: number, isStop: true))
        stop(attempt, grace: grace)
    }

    private func awaitOutput(
        _ id: AttemptID, _ position: UInt64, _ number: UInt32, _ client: LauncherClient
    ) {
        guard let attempt = attempts[id] else { return client.answer(.unknownAttempt, to: number) }
        attempt.log.moveOut()
        let isComplete = attempt.exit != nil
        if isComplete || attempt.log.position > position {
            return client.answer(.output(position: attempt.log.position, isComplete: isComplete), to: number)
        }
        client.pending[number] = id
        attempt.outputWaiters.append(.init(client: client.id, request: number, position: position))
    }

    /// Tells those who wait for output that there is more, or will be none.
    func announceOutput(of attempt: LaunchedAttempt) {
        guard !attempt.outputWaiters.isEmpty else { return }
        let isComplete = attempt.exit != nil
        let position = attempt.log.position
        attempt.outputWaiters.removeAll { waiter in
            guard isComplete || position > waiter.position else { return false }
            clients[waiter.client]?.answer(
                .output(position: position, isComplete: isComplete), to: waiter.request)
            return true
        }
    }

    /// Tells those who wait for the end.
    func announceEnd(of attempt: LaunchedAttempt, _ exit: AttemptExit) {
        for waiter in attempt.waiters {
            clients[waiter.client]?.answer(waiter.isStop ? .done : .ended(exit), to: waiter.request)
        }
        attempt.waiters.removeAll()
    }
}
