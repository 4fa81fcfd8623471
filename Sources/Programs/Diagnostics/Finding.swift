/// What one check found: how it stands, what that means, and what would mend it.
public struct Finding: Hashable, Sendable, Encodable {
    public enum Level: String, Hashable, Sendable, Encodable, CaseIterable {
        case ok, warning, problem
    }

    /// What was looked at: `engine`, `disk`.
    public var check: String
    public var level: Level
    /// What is there.
    public var found: String
    /// What follows from it; nil where all is well.
    public var meaning: String?
    /// What to do about it, a command where one does.
    public var fix: String?

    public init(
        _ check: String, _ level: Level, _ found: String, meaning: String? = nil, fix: String? = nil
    ) {
        self.check = check
        self.level = level
        self.found = found
        self.meaning = meaning
        self.fix = fix
    }

    static func ok(_ check: String, _ found: String) -> Finding { Finding(check, .ok, found) }
}
