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
        "\(Self.stem(of: spec.image ?? spec.executable ?? "task"))-\(id.text.suffix(5))"
    }

    private static func stem(of source: String) -> String {
        let last = source.utf8.split(separator: UInt8(ascii: "/")).last ?? "task".utf8[...]
        var stem: [UInt8] = []
        for byte in plain(last) where byte != UInt8(ascii: "-") || stem.last.map({ $0 != byte }) ?? false {
            stem.append(byte)
        }
        if stem.last == UInt8(ascii: "-") { stem.removeLast() }
        return stem.isEmpty ? "task" : String(decoding: stem, as: UTF8.self)
    }

    /// The letters and digits of a name without its tag or digest, in lower case, with a dash for each other character.
    private static func plain(_ name: Substring.UTF8View) -> [UInt8] {
        // In nearly every name each byte is a character: to look for more costs as much as to place the task.
        guard name.contains(where: { $0 >= 0x80 || $0 == UInt8(ascii: "\r") }) else {
            return name.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "@") }.prefix(40).map(plain)
        }
        return Substring(name).prefix { $0 != ":" && $0 != "@" }.lowercased().prefix(40)
            .map { $0.asciiValue.map(plain) ?? UInt8(ascii: "-") }
    }

    private static func plain(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        default: UInt8(ascii: "-")
        }
    }
}
