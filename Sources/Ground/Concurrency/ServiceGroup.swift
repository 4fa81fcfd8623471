public import Core

/// Runs services that depend on each other: started in order, stopped in reverse. What happens when is decided by
/// ``ServiceGroupPlan``.
public struct ServiceGroup: Sendable {
    private let services: [any Service]
    private let environment: Environment
    private let limits: ServiceGroupPlan.Limits
    private let onGivenUp: @Sendable (String) -> Void

    /// - Parameters:
    ///   - services: in the order they start.
    ///   - onGivenUp: called with the name of a service that did not end even after it was cancelled. A task cannot be ended
    ///     from outside, so ``run(until:)`` goes on waiting for it; a program logs the name and exits here or soon after.
    public init(
        _ services: [any Service], environment: Environment,
        limits: ServiceGroupPlan.Limits = ServiceGroupPlan.Limits(),
        onGivenUp: @escaping @Sendable (String) -> Void
    ) {
        self.services = services
        self.environment = environment
        self.limits = limits
        self.onGivenUp = onGivenUp
    }

    private typealias Event = ServiceGroupPlan.Event

    /// The group's hold on one service.
    private struct Handle: Sendable {
        let ready = Latch<Void>()
        let drain = Latch<Void>()
        let cancel = Latch<Void>()
    }

    /// Runs the services until `stop` returns with a reason, such as the name of a signal, or one of them fails.
    ///
    /// `stop` is awaited again while the group stops: its second return cancels what still runs. Cancelling this call
    /// cancels all services at once, in no order.
    ///
    /// - Returns: the reason.
    /// - Throws: the first failure, with the name of the service.
    @discardableResult
    public func run(until stop: @escaping @Sendable () async throws -> String) async throws -> String {
        // Each service sends two events at most, has three timers of one each, and stop sends two: it is never full.
        let events = Mailbox<Event>("service group", capacity: services.count * 8 + 16)
        let handles = services.map { _ in Handle() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                for _ in 0..<2 {
                    // A trigger that fails, or is cancelled at the end of the group, asks for nothing.
                    guard let reason = try? await stop() else { return }
                    try await events.sendWaiting(.stop(reason: reason))
                }
            }
            var plan = ServiceGroupPlan(names: services.map(\.name), limits: limits)
            var outcome = carryOut(plan.begin(), handles, events, &group)
            while outcome == nil, let batch = try await events.nextBatch() {
                for event in batch where outcome == nil {
                    outcome = carryOut(plan.handle(event), handles, events, &group)
                }
            }
            switch outcome {
            case .stopped(let reason): return reason
            case .failed(let error): throw error
            case nil: preconditionFailure("the events of a service group ended before it")
            }
        }
    }

    /// Does what the plan says; the outcome, once there is one.
    private func carryOut(
        _ directives: [ServiceGroupPlan.Directive], _ handles: [Handle], _ events: Mailbox<Event>,
        _ group: inout ThrowingTaskGroup<Void, any Error>
    ) -> ServiceGroupPlan.Outcome? {
        for directive in directives {
            switch directive {
            case .start(let index):
                let handle = handles[index]
                group.addTask { try await runService(index, handle, events) }
            case .drain(let index): handles[index].drain.open()
            case .cancel(let index): handles[index].cancel.open()
            case .setTimer(let number, let duration):
                group.addTask { [clock = environment.clock] in
                    try await clock.sleep(for: duration)
                    try await events.sendWaiting(.timeIsUp(timer: number))
                }
            case .giveUp(let index): onGivenUp(services[index].name)
            case .finish(let outcome): return outcome
            }
        }
        return nil
    }

    private enum Part {
        case service(ApolloError?)
        case canceller
    }

    /// Runs one service to its end, or to the end that follows its cancellation.
    private func runService(_ index: Int, _ handle: Handle, _ events: Mailbox<Event>) async throws {
        let service = services[index]
        let context = ServiceContext(environment: environment, drain: handle.drain) {
            if handle.ready.open() { _ = events.send(.ready(index)) }
        }
        let failure: ApolloError? = await withTaskGroup(of: Part.self) { group in
            group.addTask {
                do {
                    try await service.run(context)
                    return .service(nil)
                } catch is CancellationError where Task.isCancelled {
                    return .service(nil)
                } catch {
                    return .service(Self.failure(of: service.name, error))
                }
            }
            group.addTask {
                // Cancelled itself once the service has ended, or with the whole group.
                try? await handle.cancel.wait()
                return .canceller
            }
            var failure: ApolloError?
            while let part = await group.next() {
                group.cancelAll()
                if case .service(let error) = part { failure = error }
            }
            return failure
        }
        try await events.sendWaiting(.ended(index, failure: failure))
    }

    private static func failure(of name: String, _ error: any Error) -> ApolloError {
        var failure = (error as? ApolloError) ?? ApolloError(.internal, "\(error)")
        failure.message = "the service '\(name)' failed: \(failure.message)"
        return failure
    }
}
