/// What another task of the job must have come to before a task starts: `db`, `db:started`, `db:healthy`.
public struct TaskDependency: Hashable, Sendable, Codable, CustomStringConvertible, ExpressibleByStringLiteral
{
    public enum Condition: String, Hashable, Sendable, CaseIterable {
        /// All its instances run.
        case started
        /// All its instances are ready: healthy where they are probed, and for `minReady`.
        case healthy
        /// All its indices have ended with exit code 0.
        case completed
    }

    /// The name of the task.
    public var task: String
    /// As it is written after a colon; nil for what the type of the job takes.
    public var condition: String?

    public init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        task = String(parts.first ?? "")
        condition = parts.count == 2 ? String(parts[1]) : nil
    }

    public init(stringLiteral text: String) { self.init(text) }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public var description: String { condition.map { "\(task):\($0)" } ?? task }

    /// What is waited for in a job of this type; nil for what is no condition, or none of such a job.
    public func condition(in type: JobType) -> Condition? {
        let fitting = Self.conditions(in: type)
        guard let condition else { return fitting.last }
        return fitting.first { $0.rawValue == condition }
    }

    /// The last is what is meant where none is said.
    static func conditions(in type: JobType) -> [Condition] {
        type.runsThrough ? [.completed] : [.started, .healthy]
    }

    /// What is wrong with the condition, in words; nil for nothing.
    func fault(in type: JobType) -> String? {
        guard condition(in: type) == nil else { return nil }
        if type.runsThrough {
            return
                "'\(self)': tasks of a \(type.rawValue) job are waited for until they have completed: write '\(task)'"
        }
        if condition == Condition.completed.rawValue {
            return
                "'\(self)': the tasks of a \(type.rawValue) job are kept up and do not complete: write '\(task):started' or '\(task):healthy', or let a batch job do what ends"
        }
        return "'\(self)' must be '\(task):started' or '\(task):healthy'; '\(task)' alone is the latter"
    }
}
