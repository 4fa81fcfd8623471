public import Core

/// A part of a program that runs until it is told to stop.
public protocol Service: Sendable {
    /// What the service is called, in errors and logs.
    var name: String { get }

    /// Runs the service.
    ///
    /// Call ``ServiceContext/markReady()`` once those that start after it can rely on it. When ``ServiceContext/waitForDrain()``
    /// returns, take no new work, finish what was begun, and return. If that takes too long the task is cancelled. To return
    /// before a drain was asked for, or to throw, is a failure that stops the whole group.
    func run(_ context: ServiceContext) async throws
}

/// What a running service says to its group, and the group to it.
public struct ServiceContext: Sendable {
    /// The clocks and random numbers of the group.
    public let environment: Environment
    let drain: Latch<Void>
    let ready: @Sendable () -> Void

    /// For running a service without a group, in a test: it is asked to drain when `drain` opens.
    public init(environment: Environment, drain: Latch<Void>, ready: @escaping @Sendable () -> Void = {}) {
        self.environment = environment
        self.drain = drain
        self.ready = ready
    }

    /// Says that the service can be used. The next one starts then; further calls do nothing.
    public func markReady() { ready() }

    /// Whether the service should finish its work and return.
    public var isDraining: Bool { drain.isOpen }

    /// Waits until the service should finish its work and return. Throws `CancellationError` when the time for that is over.
    public func waitForDrain() async throws { try await drain.wait() }
}
