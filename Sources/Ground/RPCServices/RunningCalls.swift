public import Core
import RPCModel
import Synchronization

/// The calls that are being answered, for who looks for what is slow or stuck.
public final class RunningCalls: Sendable {
    public struct Call: Hashable, Sendable {
        /// `apollo.v1.Tasks/Watch`.
        public var method: String
        public var peer: String
        /// Who calls; nil until that is known, and for open methods.
        public var principal: String?
        public var since: MonotonicInstant
    }

    private struct State {
        var calls: [UInt64: Call] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    init() {}

    /// The oldest first.
    public func oldest(_ limit: Int) -> [Call] {
        let calls = state.withLock { $0.calls }
        return calls.sorted { $0.key < $1.key }.prefix(limit).map(\.value)
    }

    public var count: Int { state.withLock { $0.calls.count } }

    func begin(_ context: RPCContext, at now: MonotonicInstant) -> UInt64 {
        let call = Call(
            method: String(context.path.dropFirst()), peer: PeerText.text(of: context.peer), since: now)
        return state.withLock { state in
            state.last += 1
            state.calls[state.last] = call
            return state.last
        }
    }

    func name(_ number: UInt64, _ principal: String) {
        state.withLock { $0.calls[number]?.principal = principal }
    }

    func end(_ number: UInt64) { state.withLock { _ = $0.calls.removeValue(forKey: number) } }
}
