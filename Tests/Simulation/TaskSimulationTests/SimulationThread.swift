import Concurrency

/// Where simulations run: they compute for seconds, and on the pool's few threads every other test would wait for them.
actor SimulationThread {
    static let shared = SimulationThread()

    private let executor = ThreadExecutor(name: "simulation")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs `body` on the thread, after those who came before.
    func run<Value: Sendable>(_ body: @Sendable () throws -> Value) rethrows -> Value { try body() }
}
