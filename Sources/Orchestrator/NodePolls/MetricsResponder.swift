public import Buses
public import ClusterModel
import Concurrency
public import Core

/// Answers on a bus what a machine is busy with.
public struct MetricsResponder: Sendable {
    private let subject: Subject
    private let bus: any Bus
    private let environment: Environment
    private let read: @Sendable () async throws -> NodeMetrics?
    private let note: @Sendable (String) -> Void

    /// - Parameters:
    ///   - read: what the machine is busy with now; nil where it does not tell.
    ///   - note: For the log: told once when it cannot answer any more, and each time that it can again.
    public init(
        _ node: NodeID, on bus: any Bus, environment: Environment,
        read: @escaping @Sendable () async throws -> NodeMetrics?,
        note: @escaping @Sendable (String) -> Void
    ) {
        subject = MetricsAnswer.subject(of: node)
        self.bus = bus
        self.environment = environment
        self.read = read
        self.note = note
    }

    /// Answers until the task is cancelled.
    public func run() async {
        var backoff = Backoff(base: .milliseconds(100), cap: .seconds(5))
        var isTold = false
        while !Task.isCancelled {
            do {
                // A few questions: whoever asks does not wait for long.
                let questions = try await bus.subscribe(
                    SubjectPattern(subject), SubscriptionOptions(capacity: 64))
                defer { questions.cancel() }
                if isTold { note("this machine can be asked on the bus again") }
                isTold = false
                backoff.reset()
                while let batch = try await questions.nextBatch() { try await answer(batch.messages) }
                throw BusError.closed
            } catch {
                if Task.isCancelled { return }
                let reason = (error as? BusError)?.asApolloError.message ?? "\(error)"
                if !isTold { note("this machine cannot be asked what it is busy with: \(reason)") }
                isTold = true
            }
            let wait = backoff.next(random: environment.random) ?? .seconds(5)
            // Cancelled: it ends.
            guard (try? await environment.clock.sleep(for: wait)) != nil else { return }
        }
    }

    /// One reading answers all that asked meanwhile.
    private func answer(_ questions: [BusMessage]) async throws {
        var answer = MetricsAnswer()
        do {
            answer.metrics = try await read()
            if answer.metrics == nil { answer.problem = "the machine does not tell what it is busy with" }
        } catch {
            answer.problem = "\(error)"
        }
        let bytes = answer.bytes
        for question in questions { try bus.reply(to: question, bytes) }
    }
}
