import Concurrency

/// Where simulations run: they compute for seconds, and on the pool's few threads every other test would wait for them.
actor SimulationThread {
    private static let all = [SimulationThread(1), SimulationThread(2)]

    private let executor: ThreadExecutor

    private init(_ number: Int) { executor = ThreadExecutor(name: "simulation \(number)") }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs `body` on one of two threads, after those who came before.
    static func run<Value: Sendable>(_ number: Int, _ body: @Sendable () -> Value) async -> Value {
        await all[number % all.count].run(body)
    }

    private func run<Value: Sendable>(_ body: @Sendable () -> Value) -> Value { body() }
}
