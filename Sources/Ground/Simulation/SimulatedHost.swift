import Core

/// A machine with one program on it, that can be paused, crash, and start again.
///
/// What hosts share in a test (a record of what happened) must be a plain object behind a lock, not an actor: a job on an
/// actor runs on the executor of one of the hosts, and would stop with it.
public final class SimulatedHost: @unchecked Sendable {
    public typealias Program = @Sendable (SimulatedProcess) async throws -> Void

    /// What goes down.
    public enum Crash: Sendable {
        /// The program, as by `kill -9`: its connections are reset, what it wrote to files is there.
        case process
        /// The machine, as by a power cut: its connections fall silent, what was not synced may be lost.
        case machine
    }

    public let name: String
    /// How wrong its civil time is. A change is a step of the clock.
    public var wallClockError: Duration = .zero
    /// How much faster than true time its clocks go, in parts per million; counts from the next start.
    public var clockDrift: Int64 = 0
    /// The present life, or nil when none runs.
    public private(set) var process: SimulatedProcess?

    private unowned let simulator: Simulator
    private let index: Int
    private var program: Program?
    private var lives = 0

    init(name: String, simulator: Simulator) {
        self.name = name
        self.simulator = simulator
        index = simulator.network.index(of: name)
    }

    public var isRunning: Bool { process != nil }

    /// Starts `program`. An error that it throws fails the run of the simulator; to return is allowed.
    public func start(_ program: @escaping Program) {
        self.program = program
        restart()
    }

    /// Starts the same program again after it ended or crashed.
    public func restart() {
        precondition(process == nil, "the host '\(name)' is running already")
        guard let program else { preconditionFailure("the host '\(name)' has no program yet") }
        simulator.record("start \(name)")
        simulator.network.setUp(index, true)
        lives += 1
        let process = SimulatedProcess(host: self, number: lives, simulator: simulator)
        self.process = process
        simulator.add(process)
        process.run(program)
    }

    /// Ends the program without a word. Does nothing when none runs. Call it from outside the host.
    ///
    /// Nothing of it runs from then on, not even what it would do when cancelled; its tasks stay in memory until the end of
    /// the simulation. A run of thousands of crashes frees them at once with `unwinding`: the tasks are cancelled then and
    /// whatever they ask of clock, network or disk is refused, but what they do to objects of the test they still do.
    public func crash(_ crash: Crash, unwinding: Bool = false) {
        if crash == .machine { simulator.network.setUp(index, false) }
        guard let process else { return }
        simulator.record("crash \(name) (\(crash))")
        self.process = nil
        process.crash()
        simulator.network.processEnded(process.executor, machineIsGone: crash == .machine)
        if unwinding { process.unwind() }
    }

    /// Stops the program where it is, as a debugger, a full run queue or a moved virtual machine does. Its connections stay.
    public func pause() {
        guard let process, process.executor.phase == .running else { return }
        simulator.record("pause \(name)")
        process.executor.enter(.paused)
    }

    /// Lets a paused program go on. It finds that time has passed.
    public func resume() {
        guard let process, process.executor.phase == .paused else { return }
        simulator.record("resume \(name)")
        process.executor.enter(.running)
    }

    func processEnded(_ process: SimulatedProcess, _ error: (any Error)?) {
        self.process = nil
        simulator.network.processEnded(process.executor, machineIsGone: false)
        guard let error, !simulator.scheduler.isClosing else { return simulator.record("end \(name)") }
        simulator.fail(.hostFailed(host: name, error))
    }

    /// Forgets the program, and with it what the program refers to.
    func dismantle() {
        process = nil
        program = nil
    }
}
