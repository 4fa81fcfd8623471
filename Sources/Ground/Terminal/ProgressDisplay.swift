public import Core
import Synchronization

/// Progress bars on a terminal, one below the other, for anything that may take over a second.
///
/// Whoever works reports through a ``ProgressBar`` as often as it likes; the display shows nothing during the first
/// second and redraws at most ten times a second. Made by ``withProgress(on:clock:style:whenNoTerminal:_:)``.
public final class ProgressDisplay: Sendable {
    /// What stays of the bars at the end.
    public enum Ending: Sendable {
        /// Nothing: what follows says what was done.
        case erased
        /// Their last state.
        case kept
    }

    /// What happens where no terminal is.
    public enum Fallback: Hashable, Sendable {
        case silent
        /// A plain line for each bar that moves, now and then: for logs of builds and the like.
        case lines(every: Duration)
    }

    private struct State {
        var board: ProgressBoard
        var lastLines: MonotonicInstant
        var logged: Set<Int> = []
        /// Set when the screen is gone: the work goes on without it.
        var isClosed = false
    }

    private let state: Mutex<State>
    private let output: Output
    private let clock: any MonotonicClock
    private let fallback: Fallback

    init(output: Output, clock: any MonotonicClock, fallback: Fallback) {
        self.output = output
        self.clock = clock
        self.fallback = fallback
        let now = clock.now
        state = Mutex(State(board: ProgressBoard(start: now), lastLines: now))
    }

    /// A new bar, below the others. `total` is nil where it is not known (yet).
    public func start(_ label: String, total: Int64? = nil, unit: ProgressUnit = .bytes) -> ProgressBar {
        let now = clock.now
        let id = state.withLock { $0.board.add(label, total: total, unit: unit, at: now) }
        refresh()
        return ProgressBar(id: id, display: self)
    }

    /// Writes a line (or several) above the bars.
    public func print(_ text: String) {
        let now = clock.now
        state.withLock { state in
            let size = output.size() ?? Self.noTerminal
            emit(state.board.interrupt(with: text, at: now, size: size), &state)
        }
    }

    /// Draws what is due.
    func refresh() {
        let now = clock.now
        state.withLock { state in
            if output.isTerminal {
                guard let frame = state.board.frame(at: now, size: output.size() ?? Self.noTerminal) else {
                    return
                }
                emit(frame, &state)
            } else if case .lines(let interval) = fallback, state.lastLines.duration(to: now) >= interval {
                state.lastLines = now
                for (id, bar) in state.board.bars where !bar.isFinished {
                    state.logged.insert(id)
                    emit(ProgressLine(bar: bar, at: now).logText() + "\n", &state)
                }
            }
        }
    }

    func close(_ ending: Ending) {
        let now = clock.now
        state.withLock { state in
            guard !state.isClosed else { return }
            if output.isTerminal {
                switch ending {
                case .erased: emit(state.board.erase(), &state)
                case .kept: emit(state.board.close(at: now, size: output.size() ?? Self.noTerminal), &state)
                }
            }
            state.isClosed = true
        }
    }

    fileprivate func change(_ body: (inout ProgressBoard, MonotonicInstant) -> Void) {
        let now = clock.now
        state.withLock { body(&$0.board, now) }
        refresh()
    }

    fileprivate func finish(_ id: Int) {
        let now = clock.now
        state.withLock { state in
            state.board.finish(id)
            // A log that has seen it move sees it end.
            guard !output.isTerminal, state.logged.remove(id) != nil else { return }
            guard let bar = state.board.bars.first(where: { $0.id == id })?.bar else { return }
            emit(ProgressLine(bar: bar, at: now).logText() + "\n", &state)
        }
        refresh()
    }

    private func emit(_ text: String, _ state: inout State) {
        guard !state.isClosed, !text.isEmpty else { return }
        // Progress is no result: where it cannot be shown any more, the work is not stopped for it.
        do { try output.write(text) } catch { state.isClosed = true }
    }

    private static let noTerminal = TerminalSize(columns: 80, rows: 24)
}

/// One line of a ``ProgressDisplay``.
public struct ProgressBar: Sendable {
    fileprivate let id: Int
    fileprivate let display: ProgressDisplay

    /// How much is done by now, and how much it will be where that has become known.
    public func update(_ completed: Int64, of total: Int64? = nil) {
        display.change { $0.update(id, completed: completed, total: total, at: $1) }
    }

    /// Another text before the bar, such as the next step.
    public func relabel(_ label: String) { display.change { board, _ in board.relabel(id, label) } }

    /// It is done.
    public func finish() { display.finish(id) }

    /// Takes it off the screen.
    public func remove() { display.change { board, _ in board.remove(id) } }
}

/// Shows progress on `output` while `body` works, and takes care that it is gone, or finished, afterwards, whether the
/// body returns, throws or is cancelled.
public func withProgress<Result: Sendable>(
    on output: Output, clock: any MonotonicClock, ending: ProgressDisplay.Ending = .erased,
    whenNoTerminal fallback: ProgressDisplay.Fallback = .silent,
    _ body: (ProgressDisplay) async throws -> Result
) async throws -> Result {
    let display = ProgressDisplay(output: output, clock: clock, fallback: fallback)
    defer { display.close(ending) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        if output.isTerminal || fallback != .silent {
            // Time goes by where nothing moves, too: bars that begin late, and times left that grow.
            group.addTask {
                do {
                    while true {
                        try await clock.sleep(for: ProgressBoard.interval)
                        display.refresh()
                    }
                } catch is CancellationError {}
            }
        }
        return try await body(display)
    }
}
