public import Core

/// One life of a host's program: from a start to its end or its crash. What the program may know of the world is here.
public final class SimulatedProcess: @unchecked Sendable {
    public let host: SimulatedHost
    /// 1 for the first life of the host, 2 after its first restart.
    public let number: Int
    /// The clocks and random numbers of this life.
    public let environment: Environment
    public let network: NetworkInterface

    let executor: ProcessExecutor
    private var task: Task<Void, Never>?
    private(set) var hasEnded = false

    init(host: SimulatedHost, number: Int, simulator: Simulator) {
        self.host = host
        self.number = number
        executor = simulator.scheduler.makeExecutor()
        let random = simulator.randomSource.split()
        let clock = SimulatedClock(
            executor: executor, origin: Int64(random.next(below: 1 << 50)), drift: host.clockDrift,
            wallError: { [unowned host] in host.wallClockError })
        environment = Environment(clock: clock, wallClock: SimulatedWallClock(clock: clock), random: random)
        network = NetworkInterface(simulator.network, executor, clock, name: host.name)
    }

    /// Whether it still runs: false as soon as it crashed, also within tasks that have yet to notice.
    public var isAlive: Bool { executor.isAlive && !hasEnded }

    func run(_ program: @escaping SimulatedHost.Program) {
        task = Task(executorPreference: executor) {
            do {
                try await program(self)
                self.ended(nil)
            } catch {
                self.ended(error)
            }
        }
    }

    private func ended(_ error: (any Error)?) {
        let wasAlive = executor.isAlive
        hasEnded = true
        task = nil
        guard wasAlive else { return }
        host.processEnded(self, error)
    }

    /// Ends the life without a word: nothing of it runs from now on.
    func crash() { executor.enter(.crashed) }

    /// Lets the tasks of a life that is over end, cut off from the world, so that their memory is freed.
    func unwind() {
        guard !hasEnded else { return }
        executor.enter(.unwinding)
        task?.cancel()
    }
}
