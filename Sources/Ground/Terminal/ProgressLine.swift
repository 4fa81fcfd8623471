import Core

/// One bar as text: `layer 3f4e  [=====>     ]  45%  12.3MiB/27.0MiB  4.1MiB/s  3s left`.
struct ProgressLine {
    let bar: ProgressBoard.Bar
    let rate: Double?

    init(bar: ProgressBoard.Bar, at now: MonotonicInstant) {
        self.bar = bar
        rate = bar.isFinished ? nil : bar.rate.perSecond(at: now)
    }

    /// The line in at most `width` columns: what matters least is left out first where room is short.
    func text(width: Int) -> String {
        guard width > 0 else { return "" }
        let label = bar.label.truncated(to: max(8, width * 2 / 5))
        var details = [percent, amounts, speed, remaining].compactMap { $0 }
        while details.count > 1, length(label, details) > width { details.removeLast() }
        let room = width - length(label, details) - 2
        var parts = [label]
        if let fraction, room >= 12 { parts.append(Self.track(fraction, width: min(room, 32))) }
        return (parts + details).joined(separator: "  ").truncated(to: width)
    }

    /// The line for a log, where nothing can be redrawn: `layer 3f4e: 45%, 12.3MiB/27.0MiB, 4.1MiB/s, 3s left`.
    func logText() -> String {
        let details = [percent, amounts, speed, remaining].compactMap { $0?.drop { $0 == " " } }
        return "\(bar.label): \(details.joined(separator: ", "))"
    }

    private func length(_ label: String, _ details: [String]) -> Int {
        details.reduce(label.displayWidth) { $0 + 2 + $1.displayWidth }
    }

    private var fraction: Double? {
        guard let total = bar.total else { return bar.isFinished ? 1 : nil }
        guard total > 0 else { return 1 }
        return min(1, max(0, Double(bar.completed) / Double(total)))
    }

    private var percent: String? {
        guard let fraction else { return nil }
        // Not 100 before it is all there.
        let percent = Int(fraction * 100)
        return "\(percent)%".padded(to: 4, .right)
    }

    private var amounts: String? {
        switch bar.unit {
        case .bytes:
            let completed = Self.bytes(Double(bar.completed))
            return bar.total.map { "\(completed)/\(Self.bytes(Double($0)))" } ?? completed
        case .items(let name):
            return bar.total.map { "\(bar.completed)/\($0) \(name)" } ?? "\(bar.completed) \(name)"
        }
    }

    private var speed: String? {
        guard let rate, rate > 0 else { return bar.isFinished ? "done" : nil }
        switch bar.unit {
        case .bytes: return Self.bytes(rate) + "/s"
        case .items: return Self.tenths(rate) + "/s"
        }
    }

    private var remaining: String? {
        guard let rate, rate > 0, let total = bar.total, bar.completed < total else { return nil }
        let seconds = Double(total - bar.completed) / rate
        guard seconds < 100 * 3600 else { return nil }
        let whole = Int64(seconds.rounded(.up))
        switch whole {
        case ..<60: return "\(whole)s left"
        case ..<3600: return "\(whole / 60)m\(Self.two(whole % 60))s left"
        default: return "\(whole / 3600)h\(Self.two(whole / 60 % 60))m left"
        }
    }

    private static func track(_ fraction: Double, width: Int) -> String {
        let cells = width - 2
        let filled = Int(fraction * Double(cells))
        guard filled < cells else { return "[\(String(repeating: "=", count: cells))]" }
        let head = filled > 0 ? String(repeating: "=", count: filled - 1) + ">" : ""
        return "[\(head)\(String(repeating: " ", count: cells - filled))]"
    }

    private static func bytes(_ count: Double) -> String {
        for (suffix, unit) in [("GiB", 1073741824.0), ("MiB", 1048576.0), ("KiB", 1024.0)] where count >= unit
        {
            return tenths(count / unit) + suffix
        }
        return "\(Int64(count))B"
    }

    /// One digit after the point, always, so that the width does not jump.
    private static func tenths(_ number: Double) -> String {
        let tenths = Int64((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
