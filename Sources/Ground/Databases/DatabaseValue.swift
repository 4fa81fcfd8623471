/// One value in a row or a parameter: what SQLite and PostgreSQL both store unchanged.
public enum DatabaseValue: Hashable, Sendable {
    case null
    /// `BIGINT`. Truth values are 0 and 1, times microseconds since 1970.
    case integer(Int64)
    /// `DOUBLE PRECISION`; never a NaN, which SQLite would store as null.
    case real(Double)
    /// `TEXT`; never with a NUL, which PostgreSQL refuses.
    case text(String)
    /// `BYTEA`.
    case blob([UInt8])

    /// The value as a parameter: `DatabaseValue(task.id)`, or `.init(task.id)` in a list.
    public init(_ value: some DatabaseConvertible) { self = value.databaseValue }

    /// Its kind, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .integer: "an integer"
        case .real: "a real number"
        case .text: "text"
        case .blob: "bytes"
        }
    }
}

extension DatabaseValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByNilLiteral
{
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(nilLiteral: ()) { self = .null }
}
