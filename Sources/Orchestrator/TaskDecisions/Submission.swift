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
        let slash = UInt8(ascii: "/")
        let path = source.utf8[
            ..<(source.utf8.lastIndex { $0 != slash }.map(source.utf8.index(after:)) ?? source.startIndex)]
        let name = path[(path.lastIndex(of: slash).map(path.index(after:)) ?? path.startIndex)...]
        // In nearly every name each byte is a character: to look for more costs as much as to place the task.
        let isPlain = !name.contains { $0 >= 0x80 || $0 == UInt8(ascii: "\r") }
        let stem = String(unsafeUninitializedCapacity: longestStem) { buffer in
            isPlain ? fill(buffer, name) : fill(buffer, letters(of: Substring(name)))
        }
        return stem.isEmpty ? "task" : stem
    }

    private static let longestStem = 40

    /// The letters and digits of a name without its tag or digest, in lower case, with one dash for what is between them; how many they are.
    private static func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>, _ name: some Sequence<UInt8>) -> Int
    {
        let dash = UInt8(ascii: "-")
        var (count, seen) = (0, 0)
        for byte in name {
            guard byte != UInt8(ascii: ":"), byte != UInt8(ascii: "@"), seen < longestStem else { break }
            seen += 1
            let byte = plain(byte)
            if byte == dash, count == 0 || buffer[count - 1] == dash { continue }
            buffer[count] = byte
            count += 1
        }
        return count > 0 && buffer[count - 1] == dash ? count - 1 : count
    }

    /// A name that is not all ASCII, with a dash for each character that is not.
    private static func letters(of name: Substring) -> [UInt8] {
        name.lowercased().map { $0.asciiValue ?? UInt8(ascii: "-") }
    }

    private static func plain(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        default: UInt8(ascii: "-")
        }
    }
}
