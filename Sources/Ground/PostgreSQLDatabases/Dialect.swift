/// Common SQL (``PortableSQL``) in PostgreSQL's words: parameters are numbered, and text is compared by its bytes whatever the
/// database's locale.
struct Dialect {
    /// What PostgreSQL is given.
    private(set) var text = ""
    private(set) var parameterCount = 0
    /// Whether it begins as one that returns rows.
    private(set) var isQuery = false

    /// - Precondition: `sql` has no fault that ``PortableSQL`` finds.
    init(_ sql: String) {
        var output: [UInt8] = []
        output.reserveCapacity(sql.utf8.count + 16)
        var scanner = Scanner(bytes: Array(sql.utf8))
        var isSchema: Bool?
        var before = ""
        while let piece = scanner.next() {
            switch piece {
            case .parameter:
                parameterCount += 1
                output.append(UInt8(ascii: "$"))
                output += String(parameterCount).utf8
            case .word(let bytes):
                output += bytes
                let word = String(decoding: bytes, as: UTF8.self).uppercased()
                if isSchema == nil {
                    isSchema = word == "CREATE" || word == "ALTER"
                    isQuery = word == "SELECT"
                }
                // As the type of a column, not of a cast.
                if isSchema == true, word == "TEXT", before != "AS" { output += " COLLATE \"C\"".utf8 }
                before = word
            case .other(let bytes):
                output += bytes
            }
        }
        text = String(decoding: output, as: UTF8.self)
    }

    private enum Piece {
        case parameter
        case word(ArraySlice<UInt8>)
        case other(ArraySlice<UInt8>)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var at = 0

        mutating func next() -> Piece? {
            guard at < bytes.count else { return nil }
            let start = at
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "?"):
                at += 1
                return .parameter
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                at += 1
                // A doubled quote ends one text and begins the next: the same bytes come out.
                while at < bytes.count, bytes[at] != byte { at += 1 }
                at = min(at + 1, bytes.count)
                return .other(bytes[start..<at])
            case UInt8(ascii: "-") where at + 1 < bytes.count && bytes[at + 1] == byte:
                while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
                return .other(bytes[start..<at])
            case _ where Self.isWord(byte):
                while at < bytes.count, Self.isWord(bytes[at]) { at += 1 }
                return .word(bytes[start..<at])
            default:
                at += 1
                return .other(bytes[start..<at])
            }
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "_"), 128...: true
            default: false
            }
        }
    }
}
