/// The elements that pages are made of. What runs or embeds foreign things (`iframe`, `object`, inline `script`) is not among
/// them; `script` stands for one with a source.
public enum ElementName: String, Sendable, CaseIterable {
    case html, head, title, meta, link, script, body
    case header, nav, main, section, article, footer, aside, div, span
    case h1, h2, h3, p, pre, code, strong, small, em, br, hr
    case ul, ol, li, dl, dt, dd
    case table, caption, thead, tbody, tr, th, td
    case form, label, input, select, option, button, output
    case a, time, meter, abbr, kbd, dialog, details, summary, noscript

    /// Whether it holds nothing and has no end (HTML standard, section 13.1.2).
    public var isVoid: Bool {
        switch self {
        case .meta, .link, .br, .hr, .input: true
        default: false
        }
    }
}
