public import Buses
public import ClusterModel
import Concurrency
public import Core
public import Managers

/// Asks machines on a bus what they are busy with, now and again and when somebody wants to know, and tells the manager.
public struct NodePoller: Sendable {
    public struct Settings: Sendable {
        /// How often all are asked.
        public var interval: Duration
        /// How long an answer may take.
        public var patience: Duration
        /// How many are asked at once.
        public var width: Int
        /// What to do where nobody listens for a machine's questions.
        public var hint: String

        public init(
            interval: Duration = .seconds(5), patience: Duration = .seconds(2), width: Int = 64,
            hint: String = "is its worker connected? 'apollo node ls' says so"
        ) {
            self.interval = interval
            self.patience = patience
            self.width = width
            self.hint = hint
        }
    }

    private let bus: any Bus
    private let manager: Manager
    private let settings: Settings
    private let environment: Environment

    public init(bus: any Bus, manager: Manager, settings: Settings = Settings(), environment: Environment) {
        self.bus = bus
        self.manager = manager
        self.settings = settings
        self.environment = environment
    }

    /// Asks one machine now. Throws ``ApolloError`` that says why it does not tell.
    public func ask(_ node: Node) async throws -> NodeMetrics {
        do {
            let metrics = try await answer(of: node)
            manager.observe(metrics, of: node.id)
            return metrics
        } catch let error as ApolloError where error.kind != .cancelled {
            manager.observe(metricsProblem: error.message, of: node.id)
            throw error
        }
    }

    private func answer(of node: Node) async throws -> NodeMetrics {
        let message: BusMessage
        do throws(BusError) {
            message = try await bus.request(MetricsAnswer.subject(of: node.id), [], within: settings.patience)
        } catch {
            switch error {
            case .noResponder:
                throw ApolloError(
                    .unavailable, "nobody answers on the bus for node '\(node.name)'", hint: settings.hint)
            case .deadline:
                throw ApolloError(
                    .deadline, "node '\(node.name)' did not answer within \(settings.patience.short)")
            default: throw error.asApolloError
            }
        }
        let answer = try MetricsAnswer(parsing: message.payload)
        guard var metrics = answer.metrics else {
            throw ApolloError(
                .unavailable, "node '\(node.name)' does not tell: \(answer.problem ?? "it says nothing")")
        }
        // A machine's clock may be wrong.
        metrics.takenAt = environment.wallClock.now
        return metrics
    }

    /// Asks all that are there, again and again, until the task is cancelled.
    public func run() async {
        repeat {
            await askAll()
            // Ends by cancellation.
        } while (try? await environment.clock.sleep(for: settings.interval)) != nil
    }

    /// Asks all that are there, once.
    public func askAll() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for node in manager.nodes() where node.state != .lost {
                if running == settings.width { await group.next() } else { running += 1 }
                // The manager is told what became of it.
                group.addTask { _ = try? await ask(node) }
            }
        }
    }
}
