import Core
public import Identity

/// A principal as certificates name it: `apollo://<cluster>/<node|service|user>/<name>`.
extension Principal {
    public var certificateURI: String { "apollo://\(realm)/\(kind.rawValue)/\(name)" }

    /// Reads ``certificateURI``; nil for anything else.
    public init?(certificateURI text: String) {
        guard text.utf8.count <= 600, text.hasPrefix("apollo://") else { return nil }
        let parts = text.utf8.dropFirst("apollo://".utf8.count)
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 3, let kind = Kind(rawValue: parts[1]),
            // What is wrong with a name is nothing that its bearer could mend.
            let principal = try? Principal(kind, realm: parts[0], name: parts[2])
        else { return nil }
        self = principal
    }
}
