/// What changes in a server while it runs.
struct ServerState {
    enum Phase {
        case idle, running, ending, ended
    }

    var phase = Phase.idle
    var calls = 0
    var refused: UInt64 = 0
    var total: UInt64 = 0
    /// Nil once the server has ended.
    var reserve: UnaryReserve? = UnaryReserve(methods: 0)

    /// Counts a call that has come. Returns false when it is one too many.
    mutating func begin(_ maximumCalls: Int) -> Bool {
        total += 1
        guard calls < maximumCalls else {
            refused += 1
            return false
        }
        calls += 1
        return true
    }
}
