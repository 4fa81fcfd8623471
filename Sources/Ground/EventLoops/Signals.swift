import CApollo
import Core
import Glibc

/// The signals that a program of Apollo waits for.
public enum Signal: Int32, Hashable, Sendable, CaseIterable {
    case hangUp = 1
    case interrupt = 2
    case terminate = 15
    case childEnded = 17
    case windowChanged = 28

    /// As kill(1) lists it.
    public var name: String {
        switch self {
        case .hangUp: "SIGHUP"
        case .interrupt: "SIGINT"
        case .terminate: "SIGTERM"
        case .childEnded: "SIGCHLD"
        case .windowChanged: "SIGWINCH"
        }
    }
}

/// Turns signals into something to await.
///
/// A handler writes the signal's number into a pipe that a loop reads ("self-pipe"): a signalfd would need every thread to block the
/// signals, those of Swift's pool too. Each signal belongs to one `Signals` at a time.
public actor Signals {
    private nonisolated let loop: EventLoop
    private nonisolated let signals: [Signal]
    private let source: EventSource
    private nonisolated let reader: Int32
    private nonisolated let writer: Int32
    private var isClosed = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// From now on the process no longer acts on `signals` by itself. Throws `conflict` when one is taken already.
    public static func catching(_ signals: Set<Signal>, on loop: EventLoop) async throws -> Signals {
        var ends: [Int32] = [0, 0]
        guard capollo_pipe(&ends) == 0 else { throw SystemCall.error("create a pipe for signals", errno) }
        var taken: [Signal] = []
        do {
            for signal in signals {
                guard capollo_signal_forward(signal.rawValue, ends[1]) == 0 else {
                    throw SystemCall.error("catch \(signal.name)", errno)
                }
                taken.append(signal)
            }
            let source = try await EventSource.watching(ends[0], on: loop, closing: false)
            return Signals(loop: loop, signals: taken, source: source, reader: ends[0], writer: ends[1])
        } catch {
            for signal in taken { capollo_signal_restore(signal.rawValue) }
            for end in ends { Glibc.close(end) }
            throw error
        }
    }

    private init(loop: EventLoop, signals: [Signal], source: EventSource, reader: Int32, writer: Int32) {
        self.loop = loop
        self.signals = signals
        self.source = source
        self.reader = reader
        self.writer = writer
    }

    deinit {
        guard !isClosed else { return }
        Self.release(signals, reader, writer)
    }

    /// The next signal, in the order of their arrival. Several of one kind that come at once may be told as one, as everywhere.
    /// Throws ``SocketError``: `cancelled`, or `closed`.
    public func next() async throws(SocketError) -> Signal {
        while true {
            guard !isClosed else { throw .closed }
            var number: UInt8 = 0
            let count = read(reader, &number, 1)
            if count == 1, let signal = Signal(rawValue: Int32(number)) { return signal }
            if count < 0, errno != EAGAIN, errno != EINTR { throw .system("read signals", errno) }
            try await source.readable()
        }
    }

    /// Gives the signals back to what they did before.
    public func close() async {
        guard !isClosed else { return }
        isClosed = true
        await source.close()
        Self.release(signals, reader, writer)
    }

    private static func release(_ signals: [Signal], _ reader: Int32, _ writer: Int32) {
        for signal in signals { capollo_signal_restore(signal.rawValue) }
        Glibc.close(reader)
        Glibc.close(writer)
    }
}
