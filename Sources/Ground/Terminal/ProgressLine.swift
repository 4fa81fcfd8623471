import Core

/// One bar as text: `layer 3f4e  [=====>     ]  45%  12.3MiB/27.0MiB  4.1MiB/s  3s left`.
struct ProgressLine {
    let bar: ProgressBoard.Bar
    let rate: Double?

    init(bar: ProgressBoard.Bar, at now: MonotonicInstant) {
        self.bar = bar
        rate = bar.isFinished ? nil : bar.rate.perSecond(at: now)
    }

    /// What lines below each other share, so that their parts stand below each other.
    struct Layout {
        /// Columns for the whole line.
        var width: Int
        var label: Int
        var amounts: Int

        init(_ lines: [ProgressLine], width: Int) {
            self.width = max(0, width)
            label = min(lines.map(\.bar.label.displayWidth).max() ?? 0, max(8, width * 2 / 5))
            amounts = lines.map(\.amounts.displayWidth).max() ?? 0
        }

        /// What the label, the amounts and the longest of the other parts (`100%`, `1023.9MiB/s`, `59m59s left`) leave
        /// over; it does not change while they do.
        var track: Int { min(32, width - label - amounts - (4 + 11 + 11 + 5 * 2)) }
    }

    /// The line in at most the layout's width: what matters least is left out first where room is short.
    func text(_ layout: Layout) -> String {
        var parts = [bar.label.truncated(to: layout.label).padded(to: layout.label, .left)]
        if layout.track >= 8 {
            parts.append(fraction.map { Self.track($0, width: layout.track) } ?? Self.blank(layout.track))
        }
        let details = [
            percent ?? Self.blank(4), amounts.padded(to: layout.amounts, .right), speed ?? "",
            remaining ?? "",
        ]
        var room = layout.width - parts.reduce(0) { $0 + 2 + $1.displayWidth } + 2
        for detail in details where !detail.isEmpty {
            room -= 2 + detail.displayWidth
            guard room >= 0 else { break }
            parts.append(detail)
        }
        return parts.joined(separator: "  ").truncated(to: layout.width)
    }

    /// The line for a log, where nothing can be redrawn: `layer 3f4e: 45%, 12.3MiB/27.0MiB, 4.1MiB/s, 3s left`.
    func logText() -> String {
        let details = [percent, amounts, speed, remaining].compactMap { $0?.drop { $0 == " " } }
        return "\(bar.label): \(details.joined(separator: ", "))"
    }

    private static func blank(_ width: Int) -> String { String(repeating: " ", count: width) }

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

    private var amounts: String {
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
