/// The SQL that SQLite and PostgreSQL understand alike. Every statement is held against it once, when it is prepared,
/// so that what works embedded works at scale.
///
/// - Statements: `SELECT`, `INSERT`, `UPDATE`, `DELETE`, `WITH`, and for schemas `CREATE`, `ALTER`, `DROP`; one at a
///   time. Transactions are the database's business.
/// - Column types: `BIGINT`, `DOUBLE PRECISION`, `TEXT`, `BYTEA`. Others mean different things, or nothing, elsewhere.
/// - Parameters: `?`. Upserts: `ON CONFLICT … DO UPDATE SET x = excluded.x`. Say `NULLS FIRST` or `LAST` when you order
///   by a column with nulls. Cast sums: `CAST(SUM(x) AS BIGINT)`.
/// - No functions of time or chance: both come in as parameters.
public enum PortableSQL {
    /// What is wrong with `sql`, or nil.
    public static func fault(in sql: String) -> String? {
        var scanner = Scanner(sql)
        guard let first = scanner.next(), case .word(let verb) = first else {
            return "it does not begin with a keyword"
        }
        guard verbs.contains(verb) else { return "'\(verb)' is not for statements of the program" }
        let isSchema = schemaVerbs.contains(verb)
        var before = verb
        while let token = scanner.next() {
            switch token {
            case .word(let word):
                if let fault = fault(of: word, after: before, inSchema: isSchema) { return fault }
                before = word
            case .symbol(let symbol):
                if let advice = forbiddenSymbols[symbol] { return advice }
                if symbol == ";" {
                    return scanner.next() == nil ? nil : "it holds more than one statement"
                }
                before = ""
            case .unterminated: return "a quote is not closed"
            }
        }
        return nil
    }

    private static let schemaVerbs: Set<String> = ["CREATE", "ALTER", "DROP"]
    private static let verbs: Set<String> =
        schemaVerbs.union(["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"])

    private static func fault(of word: String, after before: String, inSchema: Bool) -> String? {
        if let advice = forbiddenWords[word] { return "'\(word)': \(advice)" }
        if word == "OR", before == "INSERT" || before == "UPDATE" {
            return "'\(before) OR': use ON CONFLICT"
        }
        if inSchema, foreignTypes.contains(word) {
            return "'\(word)' means different things elsewhere: use BIGINT, DOUBLE PRECISION, TEXT or BYTEA"
        }
        return nil
    }

    private static let forbiddenWords: [String: String] = [
        "AUTOINCREMENT": "make identifiers in the program", "ROWID": "name a primary key",
        "GLOB": "use LIKE", "REGEXP": "use LIKE",
        "ILIKE": "use LOWER and LIKE", "IFNULL": "use COALESCE", "NVL": "use COALESCE",
        "STRFTIME": "give times as parameters", "DATETIME": "give times as parameters",
        "NOW": "give times as parameters", "CURRENT_TIMESTAMP": "give times as parameters",
        "CURRENT_TIME": "give times as parameters", "CURRENT_DATE": "give times as parameters",
        "RANDOM": "give random values as parameters", "LAST_INSERT_ROWID": "use RETURNING",
        "TYPEOF": "read the row instead", "COLLATE": "text is compared by its bytes, everywhere",
        // A deferred constraint fails at the commit, and would take down the writes that share it.
        "DEFERRABLE": "constraints are checked at once", "DEFERRED": "constraints are checked at once",
        "TRIGGER": "say it in the program", "VIRTUAL": "only ordinary tables",
    ]

    private static let forbiddenSymbols: [String: String] = [
        ":": "parameters are '?'", "@": "parameters are '?'", "$": "parameters are '?'",
        "?1": "parameters are '?' without a number", "==": "equality is '='",
        "x'": "give bytes as parameters", "`": "names are quoted with '\"'",
        "[": "names are quoted with '\"'",
    ]

    private static let foreignTypes: Set<String> = [
        "INTEGER", "INT", "INT4", "INT8", "SMALLINT", "TINYINT", "SERIAL", "BIGSERIAL", "REAL", "FLOAT",
        "NUMERIC", "DECIMAL", "BOOLEAN", "BOOL", "CHAR", "VARCHAR", "BLOB", "DATE", "TIMESTAMP",
        "TIMESTAMPTZ", "JSON", "JSONB", "UUID",
    ]
}

extension PortableSQL {
    private enum Token: Equatable {
        /// A word outside quotes, in capitals.
        case word(String)
        case symbol(String)
        case unterminated
    }

    /// Splits a statement into words and symbols; skips texts, quoted names, numbers, comments and blanks.
    private struct Scanner {
        private let bytes: [UInt8]
        private var at = 0

        init(_ sql: String) { bytes = Array(sql.utf8) }

        mutating func next() -> Token? {
            while at < bytes.count {
                let byte = bytes[at]
                switch byte {
                case _ where Self.isWord(byte):
                    let word = take(while: Self.isWord)
                    if word.count == 1, byte | 0x20 == UInt8(ascii: "x"), peek(0) == UInt8(ascii: "'") {
                        return .symbol("x'")
                    }
                    if !(48...57).contains(byte) {
                        return .word(String(decoding: word, as: UTF8.self).uppercased())
                    }
                case UInt8(ascii: "'"), UInt8(ascii: "\""):
                    guard skipQuoted(byte) else { return .unterminated }
                case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
                    _ = take { $0 != UInt8(ascii: "\n") }
                case UInt8(ascii: "?") where peek(1).map { (48...57).contains($0) } ?? false:
                    return .symbol("?1")
                case UInt8(ascii: "=") where peek(1) == byte:
                    return .symbol("==")
                default:
                    at += 1
                    if byte > 32 { return .symbol(String(UnicodeScalar(byte))) }
                }
            }
            return nil
        }

        private func peek(_ distance: Int) -> UInt8? {
            at + distance < bytes.count ? bytes[at + distance] : nil
        }

        private mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
            let taken = bytes[at...].prefix(while: condition)
            at = taken.endIndex
            return taken
        }

        /// Skips to behind the closing quote; a doubled one stands for itself.
        private mutating func skipQuoted(_ quote: UInt8) -> Bool {
            at += 1
            while at < bytes.count {
                if bytes[at] == quote {
                    if peek(1) != quote {
                        at += 1
                        return true
                    }
                    at += 1
                }
                at += 1
            }
            return false
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "_"), 128...: true
            default: false
            }
        }
    }
}
