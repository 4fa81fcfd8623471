import Concurrency
import Managers

/// One life of the platform, from a start to its end or its crash, as its clients see it.
final class PlatformLife: @unchecked Sendable {
    typealias Call = @Sendable (Manager) async -> Void

    // Confined to the simulator's thread, as all of a simulation is.
    let number: Int
    let calls = Mailbox<Call>("calls of clients", capacity: 1 << 16)
    /// Asks for an orderly end.
    let drain = Latch<Void>()
    let ended = Latch<Void>()
    /// Whether every machine has joined.
    var isJoined = false
    private(set) var manager: Manager?
    private var pending: [Int: @Sendable () -> Void] = [:]
    private var lastCall = 0

    init(number: Int) { self.number = number }

    /// Clients may ask from now on.
    func open(_ manager: Manager) { self.manager = manager }

    var isOpen: Bool { manager != nil && !ended.isOpen }

    /// Has `call` done by the platform; `onEnd` happens if its life ends before ``done(_:)``.
    func begin(_ call: @escaping Call, onEnd: @escaping @Sendable () -> Void) -> Int {
        lastCall += 1
        pending[lastCall] = onEnd
        _ = calls.send(call)
        return lastCall
    }

    func done(_ call: Int) { pending[call] = nil }

    func end() {
        ended.open()
        for call in pending.sorted(by: { $0.key < $1.key }) { call.value() }
        pending = [:]
    }
}
