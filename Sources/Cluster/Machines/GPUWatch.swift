public import ClusterModel
public import Core
import Synchronization

/// Knows which GPUs a machine has and what they are busy with, by looking again and again.
public final class GPUWatch: Sendable {
    private let interval: Duration
    private let clock: any MonotonicClock
    private let note: @Sendable (String) -> Void
    private let sightings = Mutex(GPUSightings())

    /// - Parameters:
    ///   - interval: How long after a look the next one is.
    ///   - note: For the log: told where GPUs may be there and cannot be asked for, and of those that vanish or come.
    public init(
        interval: Duration, clock: any MonotonicClock, note: @escaping @Sendable (String) -> Void
    ) {
        self.interval = interval
        self.clock = clock
        self.note = note
    }

    /// The GPUs that there are, as far as is known: none before the first look.
    public var gpus: [GPU] { sightings.withLock { $0.gpus } }

    /// What they were busy with at the last look; empty where that had no answer.
    public var metrics: [GPUMetrics] { sightings.withLock { $0.metrics } }

    /// Looks now; returns the GPUs where they are others than before, else nil.
    @discardableResult
    public func look() async -> [GPU]? {
        let look = await GPUReader().read()
        let (outcome, gpus) = sightings.withLock { ($0.take(look), $0.gpus) }
        if let text = outcome.note { note(text) }
        return outcome.hasChanged ? gpus : nil
    }

    /// Looks again and again, until the task is cancelled.
    ///
    /// - Parameter changed: told the GPUs whenever they are others than before.
    public func run(_ changed: @Sendable ([GPU]) -> Void) async {
        // Ends by cancellation.
        while (try? await clock.sleep(for: interval)) != nil {
            if let gpus = await look() { changed(gpus) }
        }
    }
}
