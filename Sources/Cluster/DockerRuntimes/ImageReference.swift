/// The name of an image: `busybox`, `registry.example:5000/team/app:1.2`, `busybox@sha256:…`.
struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// Without tag and digest.
    let repository: String
    /// `latest` where neither a tag nor a digest is given.
    let tag: String
    let digest: String?
    private let text: String

    /// Reads a name; nil for what cannot be one. The grammar is that of the distribution project's `reference`
    /// package, the parts of which that decide where a name is cut.
    init?(parsing text: String) {
        guard !text.isEmpty, text.utf8.count <= 512, text.utf8.allSatisfy(Self.isNameByte) else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        if parts.count == 2 {
            let digest = parts[1].split(separator: ":", omittingEmptySubsequences: false)
            guard digest.count == 2, !digest[0].isEmpty, digest[1].count >= 32,
                digest[1].allSatisfy(\.isHexDigit)
            else { return nil }
        }
        digest = parts.count == 2 ? String(parts[1]) : nil
        // A colon after the last slash begins the tag; one before it belongs to the registry's port.
        let name = parts[0]
        let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
        if let colon = name[lastSlash...].lastIndex(of: ":") {
            let tag = name[name.index(after: colon)...]
            guard !tag.isEmpty, tag.utf8.count <= 128, tag.first != ".", tag.first != "-" else { return nil }
            self.tag = String(tag)
            repository = String(name[..<colon])
        } else {
            tag = "latest"
            repository = String(name)
        }
        let components = repository.split(separator: "/", omittingEmptySubsequences: false)
        let areWhole = components.allSatisfy { part in
            [part.first, part.last].allSatisfy { $0.map { $0.isLetter || $0.isNumber } ?? false }
        }
        guard areWhole, let path = components.last, path.allSatisfy({ !$0.isUppercase && $0 != ":" }) else {
            return nil
        }
        self.text = text
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._-/:@".utf8.contains(byte)
        }
    }

    /// What a pull is asked for beside the repository: the digest where there is one.
    var version: String { digest ?? tag }

    var description: String { text }
}
