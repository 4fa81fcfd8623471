public import Core

/// A type that is stored in one column.
public protocol DatabaseConvertible {
    /// How it is stored.
    var databaseValue: DatabaseValue { get }
    /// Reads it back; nil if `value` is of another kind or out of range.
    init?(databaseValue value: DatabaseValue)
}

extension Int64: DatabaseConvertible {
    public var databaseValue: DatabaseValue { .integer(self) }

    public init?(databaseValue value: DatabaseValue) {
        guard case .integer(let number) = value else { return nil }
        self = number
    }
}

extension Int: DatabaseConvertible {
    public var databaseValue: DatabaseValue { .integer(Int64(self)) }

    public init?(databaseValue value: DatabaseValue) {
        guard case .integer(let number) = value else { return nil }
        self.init(exactly: number)
    }
}

extension Bool: DatabaseConvertible {
    /// 0 or 1: SQLite has no truth values.
    public var databaseValue: DatabaseValue { .integer(self ? 1 : 0) }

    public init?(databaseValue value: DatabaseValue) {
        switch value {
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension Double: DatabaseConvertible {
    public var databaseValue: DatabaseValue { .real(self) }

    public init?(databaseValue value: DatabaseValue) {
        guard case .real(let number) = value else { return nil }
        self = number
    }
}

extension String: DatabaseConvertible {
    public var databaseValue: DatabaseValue { .text(self) }

    public init?(databaseValue value: DatabaseValue) {
        guard case .text(let text) = value else { return nil }
        self = text
    }
}

extension [UInt8]: DatabaseConvertible {
    public var databaseValue: DatabaseValue { .blob(self) }

    public init?(databaseValue value: DatabaseValue) {
        guard case .blob(let bytes) = value else { return nil }
        self = bytes
    }
}

extension Timestamp: DatabaseConvertible {
    /// Microseconds since 1970.
    public var databaseValue: DatabaseValue { .integer(microseconds) }

    public init?(databaseValue value: DatabaseValue) {
        guard case .integer(let number) = value else { return nil }
        self.init(microseconds: number)
    }
}

extension ByteCount: DatabaseConvertible {
    public var databaseValue: DatabaseValue { .integer(bytes) }

    public init?(databaseValue value: DatabaseValue) {
        guard case .integer(let number) = value else { return nil }
        self.init(number)
    }
}

extension Identifier: DatabaseConvertible {
    public var databaseValue: DatabaseValue { .text(text) }

    public init?(databaseValue value: DatabaseValue) {
        guard case .text(let text) = value else { return nil }
        self.init(parsing: text)
    }
}

extension Optional: DatabaseConvertible where Wrapped: DatabaseConvertible {
    public var databaseValue: DatabaseValue { self?.databaseValue ?? .null }

    public init?(databaseValue value: DatabaseValue) {
        if case .null = value {
            self = .none
        } else {
            guard let wrapped = Wrapped(databaseValue: value) else { return nil }
            self = .some(wrapped)
        }
    }
}
