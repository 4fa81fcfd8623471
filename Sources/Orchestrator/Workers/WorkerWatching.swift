import ClusterModel
import Core
import Synchronization
import TaskDecisions
import TaskRuntimes

// Ends of attempts, waited for until they are known, whatever becomes of a runtime meanwhile.
extension Worker {
    /// Waits for the end of an attempt and reports it, unless somebody waits already.
    func watch(_ place: AttemptPlace) async {
        if beginWatch(place) { await followEnd(of: place) }
    }

    /// Notes that the end of an attempt is waited for; false where somebody waits already.
    func beginWatch(_ place: AttemptPlace) -> Bool { watched.withLock { $0.insert(place.attempt).inserted } }

    /// Waits for the end of an attempt and reports it.
    func followEnd(of place: AttemptPlace) async {
        let event = await end(of: place)
        // First: who asks from now on may have missed the report, and is told anew.
        watched.withLock { _ = $0.remove(place.attempt) }
        endProbing(place.attempt)
        if let event { report(.attempt(event, place.attempt, place.task)) }
    }

    /// How the attempt ended, once it has; nil when cancelled.
    private func end(of place: AttemptPlace) async -> AttemptEvent? {
        var backoff = Duration.milliseconds(100)
        var tries = 0
        while !Task.isCancelled {
            do {
                let exit = try await runtime(place.runtime).wait(place.attempt)
                secrets?.withdraw(place.attempt)
                let reason = disks.end(place.attempt) ?? exit.reason
                return .exited(code: exit.code, at: exit.endedAt, reason: reason)
            } catch .cancelled {
                return nil
            } catch .unknownAttempt {
                secrets?.withdraw(place.attempt)
                _ = disks.end(place.attempt)
                let reason = "lost: its runtime does not know it any more"
                return .exited(code: nil, at: environment.wallClock.now, reason: reason)
            } catch {
                tries += 1
                note("watch attempt \(place.attempt)", "\(error.asApolloError)", tries)
                guard await pause(&backoff) else { return nil }
            }
        }
        return nil
    }

    /// Does `work` until it succeeds, with growing pauses: nobody else will do it.
    func persist(_ activity: String, _ work: () async throws -> Void) async {
        var backoff = Duration.milliseconds(100)
        var tries = 0
        while true {
            do {
                return try await work()
            } catch RuntimeError.unknownAttempt {
                return  // Gone already, as wanted.
            } catch RuntimeError.cancelled {
                return
            } catch {
                tries += 1
                note(activity, (error as? RuntimeError).map { "\($0.asApolloError)" } ?? "\(error)", tries)
                guard await pause(&backoff) else { return }
            }
        }
    }

    /// Reports the 1st, 2nd, 4th, 8th … failure, for an engine may be away for long.
    private func note(_ activity: String, _ cause: String, _ tries: Int) {
        guard tries & (tries - 1) == 0 else { return }
        report(.problem("cannot \(activity) (try \(tries)): \(cause); trying again"))
    }

    /// Waits, longer each time up to 10 s; false when cancelled.
    private func pause(_ backoff: inout Duration) async -> Bool {
        let jitter = 0.5 + environment.random.unit() / 2
        let wait = backoff * jitter
        backoff = min(backoff * 2, .seconds(10))
        do {
            try await environment.clock.sleep(for: wait)
            return true
        } catch {
            return false  // Cancelled: the worker ends.
        }
    }
}
