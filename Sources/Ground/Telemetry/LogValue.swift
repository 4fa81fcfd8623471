import Core

/// The value of a field of a log line.
public enum LogValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case bool(Bool)
    /// Something that must not be read: printed as `[redacted]`.
    case redacted

    public init(_ value: some CustomStringConvertible) { self = .text(value.description) }
    public init(_ value: some BinaryInteger) { self = .integer(Int64(clamping: value)) }
    /// Seconds.
    public init(_ value: Duration) { self = .number(value.inSeconds) }
    public init<Secret>(_: Redacted<Secret>) { self = .redacted }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
