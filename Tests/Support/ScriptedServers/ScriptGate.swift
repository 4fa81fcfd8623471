import Glibc

/// A gate at which a script's thread waits until the test opens it.
public final class ScriptGate: Sendable {
    // A pipe: the byte that opens the gate stays in it, so that everyone may pass.
    private let waiting: Int32
    private let opening: Int32

    public init() {
        var ends: [Int32] = [0, 0]
        let result = pipe(&ends)
        precondition(result == 0, "no pipe for a gate")
        (waiting, opening) = (ends[0], ends[1])
    }

    deinit {
        close(waiting)
        close(opening)
    }

    public func open() {
        var byte: UInt8 = 1
        write(opening, &byte, 1)
    }

    /// Returns once the gate is open, or after a minute, so that no thread stays for ever.
    public func wait() {
        var entry = pollfd(fd: waiting, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 60_000)
    }
}
