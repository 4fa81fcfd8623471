/// What a server keeps of unary calls that are over, to use it again for the next ones.
struct UnaryReserve {
    struct Idle {
        var worker: UnaryWorker
        /// Resumed with the next call, or with nil when there will be none.
        var continuation: UnsafeContinuation<UnaryCall?, Never>
    }

    /// How many workers are kept, and how many calls of a method.
    private static let size = 64

    // The last one is taken first: what it touches is still in the processor's cache.
    private var idle: [Idle] = []
    private var calls: [[UnaryCall]]

    init(methods: Int) { calls = [[UnaryCall]](repeating: [], count: methods) }

    mutating func takeWorker() -> Idle? { idle.popLast() }

    mutating func takeCall(of method: UnaryMethod) -> UnaryCall? { calls[method.number].popLast() }

    /// Returns false when there are enough.
    mutating func keep(_ worker: Idle) -> Bool {
        guard idle.count < Self.size else { return false }
        idle.append(worker)
        return true
    }

    mutating func keep(_ call: UnaryCall) {
        if calls[call.method.number].count < Self.size { calls[call.method.number].append(call) }
    }

    /// The workers end.
    func letGo() {
        for idle in idle { idle.continuation.resume(returning: nil) }
    }
}
