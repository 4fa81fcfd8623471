import Concurrency
import Core
import RPCModel
import Synchronization

/// Sends heartbeats when nothing else is sent, and notices when none come.
final class LifeSigns: Sendable {
    private struct State {
        var lastSent: MonotonicInstant
        var lastHeard: MonotonicInstant
        var isListening = false
        var mayBeat = true
    }

    let heartbeat: RPCHeartbeat
    private let clock: any MonotonicClock
    private let state: Mutex<State>

    init(_ heartbeat: RPCHeartbeat, clock: any MonotonicClock) {
        self.heartbeat = heartbeat
        self.clock = clock
        state = Mutex(State(lastSent: clock.now, lastHeard: clock.now))
    }

    func sent() { state.withLock { $0.lastSent = clock.now } }

    /// The own half of the stream is over, and heartbeats with it.
    func endSending() { state.withLock { $0.mayBeat = false } }

    /// From now on the peer is waited for. Before, it may have been this end that did not listen.
    func beginListening() {
        state.withLock { state in
            state.isListening = true
            state.lastHeard = clock.now
        }
    }

    func endListening() { state.withLock { $0.isListening = false } }

    /// Beats until it is cancelled, or the peer is lost: `beat` sends one unless something is being sent already.
    func run(beat: () async -> Void, lost: (String) -> Void) async {
        while true {
            do { try await clock.sleep(for: heartbeat.interval / 2) } catch { return }
            let now = clock.now
            let (isDue, isLost) = state.withLock { state in
                (
                    state.mayBeat && state.lastSent.duration(to: now) >= heartbeat.interval / 2,
                    state.isListening && state.lastHeard.duration(to: now) > heartbeat.limit
                )
            }
            if isLost { return lost("the peer gave no sign of life for \(heartbeat.limit.short)") }
            if isDue { await beat() }
        }
    }
}
