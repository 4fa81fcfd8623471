import Core

/// What the amounts of a progress bar are.
public enum ProgressUnit: Hashable, Sendable {
    case bytes
    /// Things of this name, in the plural: `files`.
    case items(String)
}

/// Decides what progress bars show, and when: events and times in, text for the terminal out.
///
/// Nothing shows during the first second, and nothing is drawn more than ten times a second.
struct ProgressBoard {
    struct Bar {
        var label: String
        var unit: ProgressUnit
        var completed: Int64 = 0
        /// Nil where nobody knows how much it will be.
        var total: Int64?
        var isFinished = false
        var rate = ProgressRate()
    }

    /// How long work must take before it is worth a bar.
    static let patience = Duration.seconds(1)
    static let interval = Duration.milliseconds(100)

    private(set) var bars: [(id: Int, bar: Bar)] = []
    private let start: MonotonicInstant
    private var nextID = 0
    private var lastDrawn: MonotonicInstant?
    private(set) var drawnLines = 0

    init(start: MonotonicInstant) { self.start = start }

    // MARK: Events

    mutating func add(_ label: String, total: Int64?, unit: ProgressUnit, at now: MonotonicInstant) -> Int {
        defer { nextID += 1 }
        var bar = Bar(label: label.printable, unit: unit, total: total)
        bar.rate.record(0, at: now)
        bars.append((nextID, bar))
        return nextID
    }

    mutating func update(_ id: Int, completed: Int64, total: Int64?, at now: MonotonicInstant) {
        change(id) { bar in
            bar.completed = completed
            if let total { bar.total = total }
            bar.rate.record(completed, at: now)
        }
    }

    mutating func relabel(_ id: Int, _ label: String) { change(id) { $0.label = label.printable } }

    mutating func finish(_ id: Int) {
        change(id) { bar in
            bar.isFinished = true
            bar.completed = bar.total ?? bar.completed
        }
    }

    mutating func remove(_ id: Int) { bars.removeAll { $0.id == id } }

    private mutating func change(_ id: Int, _ body: (inout Bar) -> Void) {
        guard let index = bars.firstIndex(where: { $0.id == id }) else { return }
        body(&bars[index].bar)
    }

    // MARK: Drawing

    /// What to write now, or nil where nothing is due.
    mutating func frame(at now: MonotonicInstant, size: TerminalSize) -> String? {
        guard start.duration(to: now) >= Self.patience else { return nil }
        if let lastDrawn, lastDrawn.duration(to: now) < Self.interval { return nil }
        guard !bars.isEmpty || drawnLines > 0 else { return nil }
        lastDrawn = now
        return draw(at: now, size: size)
    }

    /// Takes the bars off the screen, as if they had never been there.
    mutating func erase() -> String {
        guard drawnLines > 0 else { return "" }
        defer { drawnLines = 0 }
        // ECMA-48: CR, cursor up (CUU), erase to the end of the page (ED).
        return "\r" + Self.up(drawnLines - 1) + "\u{1b}[J"
    }

    /// Draws the last state and leaves it there, where anything has been shown; else nothing.
    mutating func close(at now: MonotonicInstant, size: TerminalSize) -> String {
        guard drawnLines > 0 else { return "" }
        let text = draw(at: now, size: size)
        guard drawnLines > 0 else { return text }
        drawnLines = 0
        return text + "\n"
    }

    /// Writes `text` above the bars.
    mutating func interrupt(with text: String, at now: MonotonicInstant, size: TerminalSize) -> String {
        guard drawnLines > 0 else { return text + "\n" }
        return erase() + text + "\n" + draw(at: now, size: size)
    }

    private mutating func draw(at now: MonotonicInstant, size: TerminalSize) -> String {
        let (bars, hidden) = visible(rows: size.rows)
        let progress = bars.map { ProgressLine(bar: $0, at: now) }
        // The last column stays free: a character there makes some terminals wrap.
        let layout = ProgressLine.Layout(progress, width: size.columns - 1)
        var lines = progress.map { $0.text(layout) }
        if hidden > 0 { lines.append("and \(hidden) more".truncated(to: layout.width)) }
        let lead = drawnLines > 0 ? "\r" + Self.up(drawnLines - 1) : ""
        let tail = lines.count < drawnLines ? "\u{1b}[J" : ""
        drawnLines = lines.count
        // The cursor stays behind the last line: a newline at the bottom of the screen would scroll. Each line's rest
        // is erased (EL) after it is drawn, which does not flicker as erasing first would.
        return lead + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\n") + tail
    }

    /// The bars that fit, and how many do not. Those that still move go before those that are done: lines beyond the
    /// screen's end could not be reached again to redraw them.
    private func visible(rows: Int) -> (bars: [Bar], hidden: Int) {
        let room = max(1, min(rows - 1, 12))
        let all = bars.map(\.bar)
        guard all.count > room else { return (all, 0) }
        let ordered = all.filter { !$0.isFinished } + all.filter(\.isFinished)
        guard room > 1 else { return (Array(ordered.prefix(1)), 0) }
        let shown = room - 1
        return (Array(ordered.prefix(shown)), all.count - shown)
    }

    private static func up(_ lines: Int) -> String { lines > 0 ? "\u{1b}[\(lines)A" : "" }
}

/// How fast something grows, over the last five seconds.
struct ProgressRate {
    private var samples: [(time: MonotonicInstant, amount: Int64)] = []
    private static let window = Duration.seconds(5)
    private static let interval = Duration.milliseconds(200)

    mutating func record(_ amount: Int64, at now: MonotonicInstant) {
        // Amounts that shrink begin anew, as when a download is tried again.
        if let last = samples.last, amount < last.amount { samples = [] }
        if samples.count > 1, samples[samples.count - 2].time.duration(to: now) < Self.interval {
            samples.removeLast()
        }
        samples.append((now, amount))
        while samples.count > 2, samples[1].time.duration(to: now) > Self.window { samples.removeFirst() }
    }

    /// Amount a second, or nil where too little is known yet.
    func perSecond(at now: MonotonicInstant) -> Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let elapsed = first.time.duration(to: now).inSeconds
        guard elapsed >= 0.5 else { return nil }
        return Double(last.amount - first.amount) / elapsed
    }
}
