/// How a word stands out. Meaning never hangs on it alone: what a colour says, the word says too.
public enum Style: Int, Hashable, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
    case cyan = 36

    /// ECMA-48, 8.3.117 "Select graphic rendition".
    static func apply(_ style: Style?, to text: String) -> String {
        guard let style, !text.isEmpty else { return text }
        return "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m"
    }
}
