import Concurrency
public import Core
import JobDecisions
public import JobModel
import Synchronization

/// How long jobs that are over are kept, and what else of jobs does not stay for good.
public struct JobRetention: Hashable, Sendable {
    /// How long a job that is over is kept.
    public var age: Duration
    /// How many of them are kept.
    public var jobs: Int
    /// How long it is remembered which job a request made, and of how many requests.
    public var requestAge: Duration
    public var requests: Int

    public init(
        age: Duration = .seconds(30 * 86400), jobs: Int = 1000, requestAge: Duration = .seconds(86400),
        requests: Int = 100_000
    ) {
        self.age = age
        self.jobs = jobs
        self.requestAge = requestAge
        self.requests = requests
    }

    /// Which of the jobs that are over are to go, oldest first.
    func outdated(_ over: [(id: JobID, finishedAt: Timestamp)], at now: Timestamp) -> [JobID] {
        let order = over.sorted { ($0.finishedAt, $0.id) < ($1.finishedAt, $1.id) }
        let cutoff = now.advanced(by: .zero - age)
        return order.enumerated().filter { place, job in
            job.finishedAt < cutoff || order.count - place > jobs
        }.map(\.element.id)
    }
}

/// The job that a request made or changed.
public struct JobRequest: Hashable, Sendable {
    public var job: JobID
    public var at: Timestamp

    public init(job: JobID, at: Timestamp) {
        self.job = job
        self.at = at
    }
}

// Forgetting what is over.
extension JobKeeper {
    private static let sweepInterval = Duration.seconds(30)
    /// Jobs, or request ids, that go at once; the next ones after others had their turn.
    private static let batch = 20, requestBatch = 500
    private static let pause = Duration.milliseconds(50)

    /// Forgets what is over until cancelled.
    func sweep() async {
        // Ends with the platform, by cancellation.
        while (try? await environment.clock.sleep(for: Self.sweepInterval)) != nil {
            do {
                try await sweepOnce()
            } catch is CancellationError {
                return
            } catch {
                note("jobs that are over cannot be forgotten now: \(error)")
            }
        }
    }

    /// Forgets all that is to be forgotten now.
    public func sweepOnce() async throws {
        try await sweepRequests()
        try await sweepJobs()
    }

    private func sweepJobs() async throws {
        while true {
            let over = state.withLock { state in
                state.works.values.compactMap { work in
                    work.job.finishedAt.map { (id: work.job.id, finishedAt: $0) }
                }
            }
            let old = retention.outdated(over, at: environment.wallClock.now)
            guard !old.isEmpty else { return }
            for id in old.prefix(Self.batch) {
                do {
                    try await remove(id) { _ in }
                } catch let error as ApolloError where error.kind == .conflict || error.kind == .notFound {
                    // Somebody has started it again, or removed it.
                }
            }
            try await environment.clock.sleep(for: Self.pause)
        }
    }

    private func sweepRequests() async throws {
        let cutoff = environment.wallClock.now.advanced(by: .zero - retention.requestAge)
        while true {
            let old = state.withLock { state in
                let old = state.requests.lazy.filter { $0.value.at < cutoff }.map(\.key)
                    .prefix(Self.requestBatch)
                let excess = state.requests.count - retention.requests
                guard old.isEmpty, excess > 0 else { return Array(old) }
                return state.requests.sorted { $0.value.at < $1.value.at }.prefix(
                    min(excess, Self.requestBatch)
                )
                .map(\.key)
            }
            guard !old.isEmpty else { return }
            try await store.forget(requests: old)
            state.withLock { state in for key in old { state.requests[key] = nil } }
            try await environment.clock.sleep(for: Self.pause)
        }
    }
}
