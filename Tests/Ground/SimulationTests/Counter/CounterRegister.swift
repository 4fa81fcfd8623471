import Core
import Simulation
import Synchronization

/// What the counter's database holds, and its one rule: who commits names the epoch of the lease that allows it.
struct CounterRegister {
    /// Whether commits of an older epoch are refused. Without it, a leader that slept through the end of its lease can
    /// still write: the fault that the test has to find.
    var fences: Bool
    private(set) var epoch = 0
    private(set) var value = 0
    /// The number that each request got.
    private(set) var applied: [String: Int] = [:]
    private var holder = ""
    private var expiry = MonotonicInstant(nanoseconds: .min)

    init(fences: Bool) { self.fences = fences }

    /// A new lease for `candidate`, or nil while another one's holds.
    mutating func acquire(_ candidate: String, for length: Duration, now: MonotonicInstant) -> Int? {
        guard now >= expiry || holder == candidate else { return nil }
        epoch += 1
        holder = candidate
        expiry = now.advanced(by: length)
        return epoch
    }

    mutating func commit(_ request: String, value newValue: Int, epoch writer: Int) -> Bool {
        guard !fences || writer == epoch else { return false }
        value = newValue
        applied[request] = newValue
        return true
    }

    /// After a restart the clock has another origin: a lease then counts from the restart.
    mutating func restarted(now: MonotonicInstant, length: Duration) { expiry = now.advanced(by: length) }
}

/// The database as a process. Its contents outlive its crashes, as if every commit were synced.
final class CounterDatabase: Sendable {
    static let lease = Duration.seconds(5)
    let register: Mutex<CounterRegister>

    init(fences: Bool) { register = Mutex(CounterRegister(fences: fences)) }

    func run(_ process: SimulatedProcess) async throws {
        let clock = process.environment.clock
        register.withLock { $0.restarted(now: clock.now, length: Self.lease) }
        try await Lines.serve(process, port: 5432) { request in
            let words = request.split(separator: " ").map(String.init)
            return self.register.withLock { register in
                switch words[0] {
                case "acquire":
                    guard let epoch = register.acquire(words[1], for: Self.lease, now: clock.now) else {
                        return "held"
                    }
                    let applied = register.applied.sorted { $0.value < $1.value }
                    let list = applied.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
                    return "granted \(epoch) \(register.value) \(list)"
                default:
                    let isDone = register.commit(words[1], value: Int(words[2])!, epoch: Int(words[3])!)
                    return isDone ? "done" : "stale"
                }
            }
        }
    }
}
