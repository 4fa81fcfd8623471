/// How long processors have worked, as a counter that only grows.
struct ProcessorTimes: Hashable {
    /// Processor time that was used, in seconds.
    var busy: Double
    /// Time that passed, in seconds.
    var elapsed: Double
    /// The processors that there are.
    var cores: Double
}

/// The share of the processors that was busy since the reading before.
struct ProcessorShare {
    /// Counters move in ticks of 10 ms: over less than this a share says nothing.
    static let shortest = 0.2

    private var last: ProcessorTimes?
    private var share = 0.0

    /// The share since the reading before; since the start of the counters at the first; what was said last where hardly any time has
    /// passed, so that many who ask do not spoil it for one another.
    mutating func take(_ times: ProcessorTimes) -> Double {
        let since = last ?? ProcessorTimes(busy: 0, elapsed: 0, cores: times.cores)
        let elapsed = times.elapsed - since.elapsed
        if last != nil, elapsed >= 0, elapsed < Self.shortest { return share }
        last = times
        let possible = elapsed * times.cores
        // Counters that went back are those of another cgroup.
        share = possible > 0 ? max(0, min(1, (times.busy - since.busy) / possible)) : 0
        return share
    }
}
