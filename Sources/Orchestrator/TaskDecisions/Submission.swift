public import ClusterModel
public import Core

/// A task that someone asks for.
public struct Submission: Hashable, Sendable {
    public var id: TaskID
    /// Nil for one made of the image's or executable's name.
    public var name: String?
    public var project: String
    public var spec: TaskSpec
    public var principal: String
    /// A second submission with the same key gives the first one's task. Nil for none.
    public var idempotencyKey: String?

    public init(
        id: TaskID, name: String?, project: String, spec: TaskSpec, principal: String,
        idempotencyKey: String? = nil
    ) {
        self.id = id
        self.name = name
        self.project = project
        self.spec = spec
        self.principal = principal
        self.idempotencyKey = idempotencyKey
    }

    /// The name for a task that was given none: what it runs, and the end of its identifier.
    var generatedName: String {
        let source = spec.image ?? spec.executable ?? "task"
        let last = source.split(separator: "/").last ?? "task"
        let stem = last.prefix { $0 != ":" && $0 != "@" }.lowercased()
            .map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let trimmed = String(stem.prefix(40)).split(separator: "-").joined(separator: "-")
        return "\(trimmed.isEmpty ? "task" : trimmed)-\(id.text.suffix(5))"
    }
}
