import Synchronization

/// What a server has done since it started.
public struct HTTPServerStatistics: Hashable, Sendable {
    /// Connections accepted, and those of them open now.
    public var connections = 0
    public var openConnections = 0
    /// Requests whose head was read, and those refused before a handler saw them.
    public var requests = 0
    public var refusedRequests = 0
    /// Responses by the hundreds of their status: `[2]` are those from 200 to 299.
    public var responses = [Int](repeating: 0, count: 6)
    /// Bytes of requests and of responses, as HTTP, before TLS.
    public var bytesReceived = 0
    public var bytesSent = 0
    /// Bytes of files that the kernel sent by itself; counted in `bytesSent` too.
    public var bytesSentByKernel = 0
}

/// The counters of one loop: only its thread adds, so that no cache line travels between cores.
final class LoopCounters: Sendable {
    let connections = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let refusedRequests = Atomic<Int>(0)
    let bytesReceived = Atomic<Int>(0)
    let bytesSent = Atomic<Int>(0)
    let bytesSentByKernel = Atomic<Int>(0)
    private let success = Atomic<Int>(0)
    private let redirect = Atomic<Int>(0)
    private let clientError = Atomic<Int>(0)
    private let serverError = Atomic<Int>(0)

    func countResponse(_ status: Int) {
        switch status {
        case ..<300: LoopCounters.add(1, to: success)
        case ..<400: LoopCounters.add(1, to: redirect)
        case ..<500: LoopCounters.add(1, to: clientError)
        default: LoopCounters.add(1, to: serverError)
        }
    }

    /// Adds without a locked instruction, since no one else writes.
    @inline(__always)
    static func add(_ amount: Int, to counter: borrowing Atomic<Int>) {
        counter.store(counter.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    func addTo(_ statistics: inout HTTPServerStatistics) {
        statistics.connections += connections.load(ordering: .relaxed)
        statistics.requests += requests.load(ordering: .relaxed)
        statistics.refusedRequests += refusedRequests.load(ordering: .relaxed)
        statistics.bytesReceived += bytesReceived.load(ordering: .relaxed)
        statistics.bytesSent += bytesSent.load(ordering: .relaxed)
        statistics.bytesSentByKernel += bytesSentByKernel.load(ordering: .relaxed)
        statistics.responses[2] += success.load(ordering: .relaxed)
        statistics.responses[3] += redirect.load(ordering: .relaxed)
        statistics.responses[4] += clientError.load(ordering: .relaxed)
        statistics.responses[5] += serverError.load(ordering: .relaxed)
    }
}
