import ClusterModel
import Concurrency
public import Core
import JobDecisions
import JobModel
public import Managers
import Synchronization
public import TaskDecisions

/// Moves tasks onto nodes that join or come back, a few at a time, until nothing is to be gained; and when somebody asks.
public struct Rebalancer: Sendable {
    public struct Settings: Hashable, Sendable {
        /// Whether it does so by itself.
        public var isEnabled: Bool
        /// How many tasks are moved at a time.
        public var moves: Int
        /// How long after nodes came, and between moves.
        public var pause: Duration

        public init(isEnabled: Bool = false, moves: Int = 2, pause: Duration = .seconds(30)) {
            self.isEnabled = isEnabled
            self.moves = moves
            self.pause = pause
        }
    }

    private let manager: Manager
    private let jobs: JobKeeper
    public let settings: Settings
    private let environment: Environment
    private let note: @Sendable (String) -> Void

    /// - Parameter note: For the log: what is moved.
    public init(
        manager: Manager, jobs: JobKeeper, settings: Settings, environment: Environment,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.manager = manager
        self.jobs = jobs
        self.settings = settings
        self.environment = environment
        self.note = note
    }

    /// What would be moved, step by step, at most `limit`.
    public func plan(limit: Int) -> [RebalanceMove] {
        manager.rebalancePlan(services: jobs.services(), limit: limit)
    }

    /// Begins the next moves, with at most `limit` under way. Returns them, and how many are under way then.
    public func step(limit: Int) -> (begun: [RebalanceMove], underWay: Int) {
        let result = manager.rebalance(services: jobs.services(), limit: limit)
        for move in result.begun {
            note("moving task '\(move.name)' from \(move.from) to \(move.to): \(move.reason)")
        }
        return result
    }

    /// Watches for nodes that come, until the task is cancelled.
    public func run() async {
        guard settings.isEnabled else { return }
        let changes = Mailbox<Void>("nodes to rebalance onto", capacity: 1)
        // With tasks it is not about nodes. A full mailbox says so already.
        manager.onChange { tasks in if tasks.isEmpty { _ = changes.send(()) } }
        var known = readyNodes
        do {
            while try await changes.nextBatch() != nil {
                let ready = readyNodes
                let came = ready.subtracting(known)
                known = ready
                if !came.isEmpty { try await level() }
            }
        } catch {
            return  // Cancelled: the platform ends.
        }
    }

    /// Moves until nothing is to be gained.
    private func level() async throws {
        repeat {
            try await environment.clock.sleep(for: settings.pause)
        } while isMoving(step(limit: settings.moves))
    }

    private func isMoving(_ result: (begun: [RebalanceMove], underWay: Int)) -> Bool {
        !result.begun.isEmpty || result.underWay > 0
    }

    private var readyNodes: Set<NodeID> {
        Set(manager.nodes().filter { $0.state == .ready }.map(\.id))
    }
}

extension JobKeeper {
    /// For each task of each service with more than one instance, the tasks that are its instances.
    func services() -> [[TaskID]] {
        state.withLock { state in
            state.works.values.filter { $0.job.spec.type == .service && !$0.job.state.isFinal }.flatMap {
                work in
                Dictionary(grouping: work.instances.filter { !$0.phase.isOver }, by: \.group).values.map {
                    $0.map(\.task)
                }
            }
        }
    }
}
