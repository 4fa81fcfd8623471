/// What the shell offers for a value.
public enum Completion: Sendable {
    /// Nothing.
    case none
    /// The names of files.
    case files
    /// The names of directories.
    case directories
    /// These words.
    case choices([Candidate])
    /// What the closure finds out when asked, such as the names of tasks that run.
    ///
    /// The user waits for it with a finger on the key: it bounds its own time, and offers nothing where it fails.
    case dynamic(@Sendable (CompletionContext) async -> [Candidate])
}

/// A word that the shell may put in, and what it stands for.
public struct Candidate: Hashable, Sendable {
    public var value: String
    /// A few words beside it, where the shell shows them (zsh does); empty for none.
    public var description: String

    public init(_ value: String, _ description: String = "") {
        self.value = value
        self.description = description
    }
}

/// What is already on the line when a dynamic completion is asked.
public struct CompletionContext: Sendable {
    /// The beginning of the word that is being completed.
    public let partial: String
    /// The names of the commands on the line, the program's first.
    public let path: [String]
    let occurrences: [String: [Occurrence]]

    /// The value of a parameter, such as `--server`, or nil where it is missing or wrong.
    public func value<Value>(of parameter: Parameter<Value>) -> Value? {
        do { return try parameter.read(occurrences[parameter.declaration.name] ?? []) } catch { return nil }
    }

    /// The value of a parameter that may be left out, or nil where it is missing or wrong.
    public func value<Value>(of parameter: Parameter<Value?>) -> Value? {
        do { return try parameter.read(occurrences[parameter.declaration.name] ?? []) } catch { return nil }
    }
}
