import Glibc

/// A terminal that gives each key as it is typed, Ctrl-C too, and shows nothing by itself (termios(3), cfmakeraw), until it is
/// restored.
public final class RawTerminal: Sendable {
    private let descriptor: Int32
    private let before: termios

    /// Nil where the descriptor is no terminal.
    public init?(_ descriptor: Int32) {
        var modes = termios()
        guard tcgetattr(descriptor, &modes) == 0 else { return nil }
        self.descriptor = descriptor
        before = modes
        cfmakeraw(&modes)
        guard tcsetattr(descriptor, TCSANOW, &modes) == 0 else { return nil }
    }

    deinit { restore() }

    /// Makes it what it was. What was written is shown before.
    public func restore() {
        var modes = before
        // It may be gone, and then nobody looks at it.
        _ = tcsetattr(descriptor, TCSADRAIN, &modes)
    }
}
