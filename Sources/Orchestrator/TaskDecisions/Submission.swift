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
        let last = source.utf8.split(separator: UInt8(ascii: "/")).last.map { Substring($0) } ?? "task"
        var stem: [UInt8] = []
        for character in last.prefix(while: { $0 != ":" && $0 != "@" }).lowercased().prefix(40) {
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            guard let byte = isPlain ? character.asciiValue : UInt8(ascii: "-") else { continue }
            if byte == UInt8(ascii: "-"), stem.last ?? byte == byte { continue }
            stem.append(byte)
        }
        if stem.last == UInt8(ascii: "-") { stem.removeLast() }
        return "\(stem.isEmpty ? "task" : String(decoding: stem, as: UTF8.self))-\(id.text.suffix(5))"
    }
}
