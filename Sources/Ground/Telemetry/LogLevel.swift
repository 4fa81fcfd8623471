/// How much a line matters.
public enum LogLevel: Int, Comparable, Hashable, Sendable, CaseIterable {
    /// For those who change the code.
    case debug
    /// What happened.
    case info
    /// Something is off, and the system goes on by itself.
    case warning
    /// Something failed that someone should look at.
    case error

    /// `debug`, `info`, `warning`, `error`.
    public var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }

    /// The level of that name; nil for none.
    public init?(parsing text: String) {
        guard let level = Self.allCases.first(where: { $0.name == text }) else { return nil }
        self = level
    }

    public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}
