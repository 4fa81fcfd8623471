import Synchronization

/// Who has to know at once when an authority was made, or a certificate called back: the call that did it is answered only
/// when all of them have taken it in.
public final class AuthorityObservers: Sendable {
    private let observers = Mutex<[@Sendable () async -> Void]>([])

    public func observe(_ body: @escaping @Sendable () async -> Void) {
        observers.withLock { $0.append(body) }
    }

    func notify() async {
        for observer in observers.withLock({ $0 }) { await observer() }
    }
}
