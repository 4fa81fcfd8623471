public import Core

/// What the value of an option or argument may be: how it is read, what is right, and what the shell may offer.
public struct ValueType<Value: Sendable>: Sendable {
    /// The word that stands for the value in help, such as `NAME`.
    public var placeholder: String
    /// What is right, as the end of the sentence "give …": `a number of bytes such as 512Mi`.
    public var expectation: String
    /// What the shell offers when the user presses Tab.
    public var completion: Completion
    /// Reads the text; nil where it is not what is expected.
    public var parse: @Sendable (String) -> Value?
    /// Writes a value as the user would: how help shows a default.
    public var format: @Sendable (Value) -> String
    /// The values allowed, where they can be counted.
    public var choices: [String]

    public init(
        _ placeholder: String, expecting expectation: String, completion: Completion = .none,
        choices: [String] = [], format: @escaping @Sendable (Value) -> String = { "\($0)" },
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.placeholder = placeholder
        self.expectation = expectation
        self.completion = completion
        self.choices = choices
        self.format = format
        self.parse = parse
    }

    /// The same type under another word in help.
    public func named(_ placeholder: String) -> ValueType {
        var copy = self
        copy.placeholder = placeholder
        return copy
    }

    /// The same type with other offers of the shell.
    public func completed(by completion: Completion) -> ValueType {
        var copy = self
        copy.completion = completion
        return copy
    }
}

extension ValueType where Value == String {
    /// Any text but the empty one.
    public static var text: ValueType { text("TEXT") }

    /// Any text but the empty one, under the name `placeholder`.
    public static func text(_ placeholder: String) -> ValueType {
        ValueType(placeholder, expecting: "some text, not an empty one") { $0.isEmpty ? nil : $0 }
    }

    /// A path of a file; the shell offers files.
    public static var path: ValueType {
        ValueType("PATH", expecting: "a path", completion: .files) { $0.isEmpty ? nil : $0 }
    }

    /// A path of a directory; the shell offers directories.
    public static var directory: ValueType {
        ValueType("DIRECTORY", expecting: "a path of a directory", completion: .directories) {
            $0.isEmpty ? nil : $0
        }
    }
}

extension ValueType where Value: FixedWidthInteger {
    /// A whole number in `range`.
    public static func integer(_ placeholder: String = "N", in range: ClosedRange<Value>) -> ValueType {
        let expectation: String
        switch (range.lowerBound == .min, range.upperBound == .max) {
        case (true, true): expectation = "a whole number"
        case (false, true): expectation = "a whole number, \(range.lowerBound) or more"
        default: expectation = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        }
        return ValueType(placeholder, expecting: expectation) { text in
            Value(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A whole number.
    public static func integer(_ placeholder: String = "N") -> ValueType {
        integer(placeholder, in: .min ... .max)
    }
}

extension ValueType where Value == UInt16 {
    /// A TCP or UDP port, 1 to 65535.
    public static var port: ValueType { integer("PORT", in: 1...65535) }
}

extension ValueType where Value == Double {
    /// A finite number in `range`, with or without a fraction.
    public static func number(_ placeholder: String = "N", in range: ClosedRange<Double>) -> ValueType {
        ValueType(
            placeholder, expecting: "a number from \(range.lowerBound) to \(range.upperBound)",
            format: { $0.rounded() == $0 && abs($0) < 1e15 ? "\(Int64($0))" : "\($0)" }
        ) { text in
            // Double reads "nan", "inf" and hexadecimal too, which nobody means.
            guard text.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }) else { return nil }
            return Double(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ValueType where Value == Duration {
    /// A span of time: `500ms`, `90s`, `2m30s`, `1.5h`, or a bare number of seconds.
    public static var duration: ValueType {
        ValueType(
            "DURATION", expecting: "a duration such as 500ms, 90s, 2m30s or 1h", format: { $0.short }
        ) { Duration(parsing: $0) }
    }
}

extension ValueType where Value == ByteCount {
    /// A number of bytes: `512Mi`, `2Gi`, `100M`, or a bare number.
    public static var byteCount: ValueType {
        ValueType("BYTES", expecting: "a number of bytes such as 512Mi, 2Gi or 100M") {
            ByteCount(parsing: $0)
        }
    }
}

extension ValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the cases of an enum, by their raw values.
    public static func choice(_ type: Value.Type = Value.self, _ placeholder: String = "CHOICE") -> ValueType
    {
        let names = type.allCases.map(\.rawValue)
        return ValueType(
            placeholder, expecting: "one of \(names.joined(separator: ", "))",
            completion: .choices(names.map { Candidate($0) }), choices: names, format: { $0.rawValue }
        ) { Value(rawValue: $0) }
    }
}

/// A `KEY=VALUE` given by the user, such as an environment variable or a label.
public struct KeyValue: Hashable, Sendable, CustomStringConvertible {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    public var description: String { "\(key)=\(value)" }
}

extension ValueType where Value == KeyValue {
    /// `KEY=VALUE`; the value may be empty and may hold further `=`.
    public static var keyValue: ValueType {
        ValueType("KEY=VALUE", expecting: "KEY=VALUE") { text in
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
            return KeyValue(key: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
        }
    }
}
