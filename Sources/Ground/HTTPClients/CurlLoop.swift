import CCurl
import Concurrency
import Core
import Synchronization

/// The thread on which libcurl works: it sleeps in `curl_multi_poll` until a socket, a deadline or a command wakes it.
final class CurlLoop: @unchecked Sendable {
    enum Command: Sendable {
        case start(Transfer)
        /// One of its directions, which was paused, has something to do.
        case resume(Transfer)
        case cancel(Transfer, HTTPClientError)
        case stop
    }

    private struct Mailbox {
        var commands: [Command] = []
        var isClosed = false
        var closeWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: HTTPClientConfiguration
    private let clock: any MonotonicClock
    private let mailbox = Mutex(Mailbox())
    private let multi: UnsafeMutableRawPointer

    // The thread's own.
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var waiting: [Transfer] = []
    /// The earliest moment at which a deadline may pass.
    private var nextCheck: MonotonicInstant?

    init(_ configuration: HTTPClientConfiguration, clock: any MonotonicClock) {
        self.configuration = configuration
        self.clock = clock
        guard let multi = curl_multi_init() else { preconditionFailure("libcurl has no memory to start") }
        self.multi = multi
        let code = apollo_curl_multi_set_long(
            multi, CURLMOPT_MAXCONNECTS, max(1, configuration.maximumIdleConnections))
        precondition(code == CURLM_OK, "libcurl refused a limit of its connections")
        OSThread.start(name: "http-client") { self.run() }
    }

    // MARK: From any thread

    func start(_ transfer: Transfer) {
        if !post(.start(transfer)) { transfer.finish(.closed) }
    }

    func resume(_ transfer: Transfer) { post(.resume(transfer)) }

    func cancel(_ transfer: Transfer, _ error: HTTPClientError = .cancelled) {
        post(.cancel(transfer, error))
    }

    /// Ends every transfer and the thread, without waiting for it.
    func stop() { post(.stop) }

    /// Returns once the thread has let go of everything.
    func stopped() async {
        await withCheckedContinuation { continuation in
            let isClosed = mailbox.withLock { mailbox in
                if !mailbox.isClosed { mailbox.closeWaiters.append(continuation) }
                return mailbox.isClosed
            }
            if isClosed { continuation.resume() }
        }
    }

    /// False once the thread has ended.
    @discardableResult
    private func post(_ command: Command) -> Bool {
        mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return false }
            mailbox.commands.append(command)
            // Under the lock, so that the handle cannot be freed between the check and the call.
            if mailbox.commands.count == 1 { curl_multi_wakeup(multi) }
            return true
        }
    }

    // MARK: On the thread

    private func run() {
        var commands: [Command] = []
        var isStopping = false
        while !isStopping {
            mailbox.withLock { swap(&commands, &$0.commands) }
            for command in commands { if !obey(command) { isStopping = true } }
            commands.removeAll(keepingCapacity: true)
            var running: Int32 = 0
            let code = curl_multi_perform(multi, &running)
            if code != CURLM_OK { fail(code) }
            collectFinished()
            admitWaiting()
            checkDeadlines()
            if !isStopping { curl_multi_poll(multi, nil, 0, pollTimeout(), nil) }
        }
        shutDown()
    }

    /// False for the command that ends the thread.
    private func obey(_ command: Command) -> Bool {
        switch command {
        case .start(let transfer):
            guard waiting.count < max(1, configuration.maximumWaitingRequests) else {
                transfer.finish(.overloaded(limit: configuration.maximumWaitingRequests))
                break
            }
            waiting.append(transfer)
            watch(transfer)
            admitWaiting()
        case .resume(let transfer):
            transfer.resume()
            watch(transfer)
        case .cancel(let transfer, let error):
            end(transfer, error)
        case .stop:
            return false
        }
        return true
    }

    /// Lets as many waiting transfers begin as there is room for.
    private func admitWaiting() {
        var admitted = 0
        while active.count < max(1, configuration.maximumConcurrentRequests), admitted < waiting.count {
            begin(waiting[admitted])
            admitted += 1
        }
        waiting.removeFirst(admitted)
    }

    private func begin(_ transfer: Transfer) {
        do throws(HTTPClientError) {
            try transfer.prepare(configuration)
        } catch {
            return transfer.finish(error)
        }
        guard let pointer = transfer.pointer else { return }
        let code = curl_multi_add_handle(multi, pointer)
        guard code == CURLM_OK else {
            return transfer.finish(.failed(String(cString: curl_multi_strerror(code))))
        }
        active[pointer] = transfer
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle,
                let transfer = active[pointer]
            else { continue }
            end(transfer, transfer.describe(apollo_curl_message_result(message)))
        }
    }

    /// Takes the transfer from libcurl, wherever it stands, and tells its reader.
    private func end(_ transfer: Transfer, _ error: HTTPClientError?) {
        guard !transfer.isFinished else { return }
        if let pointer = transfer.pointer, active.removeValue(forKey: pointer) != nil {
            curl_multi_remove_handle(multi, pointer)
        } else {
            waiting.removeAll { $0 === transfer }
        }
        transfer.finish(error)
    }

    /// libcurl itself failed: nothing it had in hand can be trusted.
    private func fail(_ code: CURLMcode) {
        for transfer in active.values { end(transfer, .failed(String(cString: curl_multi_strerror(code)))) }
    }

    private func watch(_ transfer: Transfer) {
        guard let expiry = transfer.nextExpiry(from: clock.now) else { return }
        nextCheck = nextCheck.map { min($0, expiry) } ?? expiry
    }

    private func checkDeadlines() {
        guard !active.isEmpty || !waiting.isEmpty else {
            nextCheck = nil
            return
        }
        let now = clock.now
        if let nextCheck, nextCheck > now { return }
        nextCheck = nil
        for transfer in Array(active.values) + waiting {
            if let error = transfer.expired(at: now) { end(transfer, error) } else { watch(transfer) }
        }
    }

    /// Milliseconds to sleep at most; libcurl shortens it for deadlines of its own.
    private func pollTimeout() -> Int32 {
        guard let nextCheck else { return 60_000 }
        let remaining = clock.now.duration(to: nextCheck).inMicroseconds
        return Int32(clamping: min(60_000, max(0, (remaining + 999) / 1000)))
    }

    private func shutDown() {
        for transfer in Array(active.values) + waiting { end(transfer, .closed) }
        let (unheard, waiters) = mailbox.withLock { mailbox in
            mailbox.isClosed = true
            defer {
                mailbox.commands = []
                mailbox.closeWaiters = []
            }
            return (mailbox.commands, mailbox.closeWaiters)
        }
        for case .start(let transfer) in unheard { transfer.finish(.closed) }
        curl_multi_cleanup(multi)
        for waiter in waiters { waiter.resume() }
    }
}
