public import Core
public import HTML

/// What pages have in common beside the layout.
public enum Parts {
    /// A state: its word, with a sign and a colour that say the same.
    public static func state(_ state: String) -> Fragment {
        .element(.span, [.class("state"), .data(.state, state)], [Fragment(state)])
    }

    /// A time as its age, and in full to who asks.
    public static func age(_ time: Timestamp, now: Timestamp) -> Fragment {
        let age = max(.zero, time.duration(to: now))
        return .element(.time, [.datetime("\(time)"), .title("\(time)")], [Fragment(short(age))])
    }

    /// The largest unit and the one below it: `3d 4h`, `12m`, `9s`.
    public static func short(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m"
        case ..<86_400: return "\(seconds / 3600)h \(seconds % 3600 / 60)m"
        default: return "\(seconds / 86_400)d \(seconds % 86_400 / 3600)h"
        }
    }

    /// How much of something is taken.
    public static func share(_ text: String, used: Double, of whole: Double, label: String) -> Fragment {
        guard whole > 0 else { return Fragment(text) }
        let value = min(1, max(0, used / whole))
        return Fragment([
            Fragment(text),
            .element(
                .meter, [.value("\((value * 100).rounded() / 100)"), .aria(.label, "\(label): \(text)")]),
        ])
    }

    /// A table that scrolls by itself where the page is narrow.
    public static func table(
        _ caption: String, columns: [(title: String, style: String)], rows: [Fragment]
    ) -> Fragment {
        .element(
            .div, [.class("scroll"), .tabIndex(0), .role("region"), .aria(.label, caption)],
            [
                .element(
                    .table, [],
                    [
                        .element(
                            .thead, [],
                            [
                                .element(
                                    .tr, [],
                                    columns.map { column in
                                        .element(
                                            .th, [.scope("col"), .class(column.style)],
                                            [Fragment(column.title)])
                                    })
                            ]), .element(.tbody, [], rows),
                    ])
            ])
    }

    /// Facts with their names; those that are nil are left out.
    public static func facts(_ facts: [(name: String, value: Fragment?)]) -> Fragment {
        .element(
            .dl, [.class("facts")],
            facts.flatMap { name, value -> [Fragment] in
                guard let value else { return [] }
                return [.element(.dt, [], [Fragment(name)]), .element(.dd, [], [value])]
            })
    }

    /// A part of the page that the script keeps up to date.
    public static func live(_ name: String, _ content: [Fragment]) -> Fragment {
        .element(.section, [.data(.live, name)], content)
    }
}
