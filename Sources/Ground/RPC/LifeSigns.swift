import Concurrency
import Core
import RPCModel
import Synchronization

/// Sends heartbeats when nothing else is sent, and notices when none come.
///
/// Silence is counted in looks, half an interval apart, and not by the clock: a program that was stopped, or had no turn, for long looks
/// once when it goes on, and what came meanwhile is read before it looks again.
final class LifeSigns: Sendable {
    enum Finding: Equatable { case nothing, beatIsDue, peerIsLost }

    private struct State {
        var lastSent: MonotonicInstant
        var silentLooks = 0
        var hasAgreed = false
        var isReceiving = false
        var mayBeat = true
    }

    let heartbeat: RPCHeartbeat
    private let clock: any MonotonicClock
    private let state: Mutex<State>

    init(_ heartbeat: RPCHeartbeat, clock: any MonotonicClock) {
        self.heartbeat = heartbeat
        self.clock = clock
        state = Mutex(State(lastSent: clock.now))
    }

    func sent() { state.withLock { $0.lastSent = clock.now } }

    /// The own half of the stream is over, and heartbeats with it.
    func endSending() { state.withLock { $0.mayBeat = false } }

    /// The peer will give signs of life, so that it can be missed from now on.
    func agree() {
        state.withLock { state in
            state.hasAgreed = true
            state.silentLooks = 0
        }
    }

    /// Starts an operation that receives. Only while one runs is the peer missed: else it is this end that does not listen.
    ///
    /// The end is noted where the core tells it: the reader may get its turn much later.
    func receiving(_ start: (UnsafeMutableRawPointer) -> Bool) async -> Bool {
        state.withLock { state in
            state.isReceiving = true
            state.silentLooks = 0
        }
        return await withUnsafeContinuation { continuation in
            let tag = OperationTag(Receiving(self, continuation))
            if !start(tag.pointer) {
                tag.discard()
                received()
                continuation.resume(returning: false)
            }
        }
    }

    fileprivate func received() { state.withLock { $0.isReceiving = false } }

    /// What has to be done now; to be asked each half of an interval.
    func look() -> Finding {
        let now = clock.now
        return state.withLock { state in
            if state.hasAgreed, state.isReceiving {
                state.silentLooks += 1
                if state.silentLooks > 2 * RPCHeartbeat.intervalsUntilLost { return .peerIsLost }
            }
            let isDue = state.mayBeat && state.lastSent.duration(to: now) >= heartbeat.interval / 2
            return isDue ? .beatIsDue : .nothing
        }
    }

    /// Beats until it is cancelled, or the peer is lost: `beat` sends one unless something is being sent already.
    func run(beat: () async -> Void, lost: (String) -> Void) async {
        while true {
            do { try await clock.sleep(for: heartbeat.interval / 2) } catch { return }
            switch look() {
            case .nothing: continue
            case .beatIsDue: await beat()
            case .peerIsLost: return lost("the peer gave no sign of life for \(heartbeat.limit.short)")
            }
        }
    }
}

private final class Receiving: OperationObserver, @unchecked Sendable {
    private let signs: LifeSigns
    private let continuation: UnsafeContinuation<Bool, Never>

    init(_ signs: LifeSigns, _ continuation: UnsafeContinuation<Bool, Never>) {
        self.signs = signs
        self.continuation = continuation
    }

    override func operationEnded(_ number: Int, _ succeeded: Bool) {
        signs.received()
        continuation.resume(returning: succeeded)
    }
}
