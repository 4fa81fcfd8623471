import Glibc
import Synchronization

/// A gate at which a script's thread waits until the test opens it.
public final class ScriptGate: Sendable {
    private let isOpen = Mutex(false)

    public init() {}

    public func open() { isOpen.withLock { $0 = true } }

    /// Returns once the gate is open, or after a minute, so that no thread stays for ever.
    public func wait() {
        for _ in 0..<60_000 where !isOpen.withLock({ $0 }) { usleep(1000) }
    }
}
