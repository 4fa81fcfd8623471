public import Core

/// Decides in which order services start and stop: events in, directives out, no clock and no task.
///
/// They start one after the other, each once the one before is ready. They stop in reverse, each once those after it have
/// ended: asked to drain first, cancelled at a limit, and given up at another, so that the rest is stopped all the same. The
/// first failure stops the group and is its outcome. A second request to stop cancels all that still runs.
public struct ServiceGroupPlan: Sendable {
    /// How long each step may take, for each service.
    public struct Limits: Hashable, Sendable {
        /// From the start until it is ready.
        public var start: Duration = .seconds(60)
        /// From the request to drain until it is cancelled.
        public var drain: Duration = .seconds(20)
        /// From the cancellation until it is given up.
        public var cancel: Duration = .seconds(5)

        public init() {}
    }

    public enum Event: Hashable, Sendable {
        case ready(Int)
        /// The service returned, or failed.
        case ended(Int, failure: ApolloError?)
        /// Someone wants the group to stop.
        case stop(reason: String)
        case timeIsUp(timer: Int)
    }

    public enum Directive: Hashable, Sendable {
        case start(Int)
        case drain(Int)
        case cancel(Int)
        /// Send `timeIsUp` with this number after the time given. Older timers mean nothing any more.
        case setTimer(Int, Duration)
        /// The service did not even end after its cancellation.
        case giveUp(Int)
        case finish(Outcome)
    }

    public enum Outcome: Hashable, Sendable {
        case stopped(reason: String)
        case failed(ApolloError)
    }

    private enum Stage {
        case idle
        case starting
        case ready
        case draining
        case cancelled
        case givenUp
        case ended
    }

    private enum Phase {
        case starting(Int)
        case running
        case stopping(Outcome)
        case finished
    }

    private let names: [String]
    private let limits: Limits
    private var stages: [Stage]
    private var phase = Phase.running
    private var timer = 0

    public init(names: [String], limits: Limits = Limits()) {
        self.names = names
        self.limits = limits
        stages = Array(repeating: .idle, count: names.count)
    }

    /// The names of the services that were started and have not ended.
    public var alive: [String] {
        names.indices.filter { stages[$0] != .idle && stages[$0] != .ended }.map { names[$0] }
    }

    /// The first directives. Call it once.
    public mutating func begin() -> [Directive] { start(0) }

    public mutating func handle(_ event: Event) -> [Directive] {
        switch event {
        case .ready(let index): ready(index)
        case .ended(let index, let failure): ended(index, failure)
        case .stop(let reason): stop(reason)
        case .timeIsUp(let number): number == timer ? timeIsUp() : []
        }
    }

    private mutating func start(_ index: Int) -> [Directive] {
        guard index < names.count else {
            phase = .running
            timer += 1
            return []
        }
        phase = .starting(index)
        stages[index] = .starting
        return [.start(index), setTimer(limits.start)]
    }

    private mutating func ready(_ index: Int) -> [Directive] {
        guard stages[index] == .starting else { return [] }
        stages[index] = .ready
        guard case .starting(index) = phase else { return [] }
        return start(index + 1)
    }

    private mutating func ended(_ index: Int, _ failure: ApolloError?) -> [Directive] {
        let stage = stages[index]
        stages[index] = .ended
        switch phase {
        case .finished:
            return []
        case .stopping(let outcome):
            // The failure of a service that should be ending is news only if nothing failed before.
            if let failure, case .stopped = outcome { phase = .stopping(.failed(failure)) }
            return isStopTurn(of: index, stage) ? stopNext() : []
        case .starting, .running:
            let sudden = ApolloError(
                .internal, "the service '\(names[index])' ended although nobody asked it to")
            phase = .stopping(.failed(failure ?? sudden))
            return stopNext()
        }
    }

    /// Whether the group was waiting for this one, and not for one that stops before it.
    private func isStopTurn(of index: Int, _ stage: Stage) -> Bool {
        guard stage == .draining || stage == .cancelled else { return false }
        return !stages.contains { $0 == .draining || $0 == .cancelled }
    }

    private mutating func stop(_ reason: String) -> [Directive] {
        switch phase {
        case .finished: return []
        case .starting, .running:
            phase = .stopping(.stopped(reason: reason))
            return stopNext()
        case .stopping:
            let hurried = names.indices.reversed().filter {
                [.starting, .ready, .draining].contains(stages[$0])
            }
            guard !hurried.isEmpty else { return [] }
            for index in hurried { stages[index] = .cancelled }
            return hurried.map { .cancel($0) } + [setTimer(limits.cancel)]
        }
    }

    /// Stops the last that runs, or finishes.
    private mutating func stopNext() -> [Directive] {
        guard case .stopping(let outcome) = phase else { return [] }
        guard let index = stages.lastIndex(where: { $0 == .starting || $0 == .ready }) else {
            phase = .finished
            timer += 1
            return [.finish(outcome)]
        }
        // One that never became ready has nothing to drain.
        if stages[index] == .starting {
            stages[index] = .cancelled
            return [.cancel(index), setTimer(limits.cancel)]
        }
        stages[index] = .draining
        return [.drain(index), setTimer(limits.drain)]
    }

    private mutating func timeIsUp() -> [Directive] {
        switch phase {
        case .finished, .running: return []
        case .starting(let index):
            let message = "the service '\(names[index])' was not ready after \(limits.start.short)"
            phase = .stopping(.failed(ApolloError(.deadline, message)))
            return stopNext()
        case .stopping:
            if let index = stages.lastIndex(of: .draining) {
                stages[index] = .cancelled
                return [.cancel(index), setTimer(limits.cancel)]
            }
            var directives: [Directive] = []
            for index in stages.indices where stages[index] == .cancelled {
                stages[index] = .givenUp
                directives.append(.giveUp(index))
            }
            return directives + stopNext()
        }
    }

    private mutating func setTimer(_ duration: Duration) -> Directive {
        timer += 1
        return .setTimer(timer, duration)
    }
}
