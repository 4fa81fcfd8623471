public import Core
public import Documents

/// What the value of a setting may be: how it is read from a file, from a variable or a flag, and how it is shown.
public struct SettingType<Value: Sendable>: Sendable {
    /// The type in the reference: `port`, `duration`, `list of texts`.
    public var name: String
    /// What is right, as the end of "must be …": `a port from 1 to 65535`.
    public var expectation: String
    /// The values allowed, where they can be counted.
    public var choices: [String]
    /// Reads a value of a document that is not null; nil where it is not what is expected.
    public var parse: @Sendable (JSONValue) -> Value?
    /// Reads the text of a variable or flag, never an empty one; nil where it is not what is expected.
    public var parseText: @Sendable (String) -> Value?
    /// The value as a file would have it.
    public var format: @Sendable (Value) -> JSONValue
    /// What a value that was read means on a machine: `~/x` there. Nil where it means nothing.
    public var localize: @Sendable (Value, HostFacts) -> Value? = { value, _ in value }
    /// What the text of a flag stands for: a path on a command line begins where its shell is.
    public var complete: @Sendable (String, HostFacts) -> String = { text, _ in text }

    public init(
        _ name: String, expecting expectation: String, choices: [String] = [],
        parse: @escaping @Sendable (JSONValue) -> Value?, parseText: @escaping @Sendable (String) -> Value?,
        format: @escaping @Sendable (Value) -> JSONValue
    ) {
        self.name = name
        self.expectation = expectation
        self.choices = choices
        self.parse = parse
        self.parseText = parseText
        self.format = format
    }

    /// A type whose values are written as texts everywhere.
    public static func text(
        _ name: String, expecting expectation: String, choices: [String] = [],
        format: @escaping @Sendable (Value) -> JSONValue, parse: @escaping @Sendable (String) -> Value?
    ) -> SettingType {
        SettingType(
            name, expecting: expectation, choices: choices,
            parse: { $0.string.flatMap { $0.isEmpty ? nil : parse($0) } }, parseText: parse, format: format)
    }
}

extension SettingType where Value == String {
    /// Any text but the empty one.
    public static var string: SettingType {
        text("text", expecting: "a text, not an empty one", format: { .string($0) }) { $0 }
    }

    /// A path from the root, or from the user's home with `~/`; its home takes the place of that.
    public static var path: SettingType {
        var type = text(
            "path", expecting: "an absolute path such as /srv/apollo, or one that begins with ~/",
            format: { .string($0) }
        ) { text in
            guard text.hasPrefix("/") || text.hasPrefix("~/"), !text.utf8.contains(0) else { return nil }
            return text
        }
        type.localize = { path, host in host.expanded(path) }
        type.complete = { path, host in
            guard let directory = host.workingDirectory, !path.isEmpty, !path.hasPrefix("/"),
                !path.hasPrefix("~")
            else { return path }
            return directory == "/" ? "/\(path)" : "\(directory)/\(path)"
        }
        return type
    }
}

extension SettingType where Value == String {
    /// An address of a server: `http://` or `https://`, a host, and what may follow.
    public static var url: SettingType {
        text("address", expecting: "an address such as http://127.0.0.1:4318", format: { .string($0) }) {
            text in
            guard let scheme = ["http://", "https://"].first(where: { text.hasPrefix($0) }),
                text.utf8.count > scheme.utf8.count, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { return nil }
            return text
        }
    }
}

extension SettingType where Value == Double {
    /// A number from 0 to 1.
    public static var fraction: SettingType {
        SettingType(
            "fraction", expecting: "a number from 0 to 1",
            parse: { value in
                switch value {
                case .integer, .number: value.double.flatMap { (0...1).contains($0) ? $0 : nil }
                default: nil
                }
            }, parseText: { Double($0).flatMap { (0...1).contains($0) ? $0 : nil } },
            format: { .number($0) })
    }
}

extension SettingType where Value == Bool {
    /// `true` or `false`; in variables and flags `1`, `0`, `yes`, `no`, `on` and `off` too.
    public static var bool: SettingType {
        SettingType(
            "true or false", expecting: "true or false", parse: \.bool,
            parseText: { text in
                switch text.lowercased() {
                case "true", "1", "yes", "on": true
                case "false", "0", "no", "off": false
                default: nil
                }
            }, format: { .bool($0) })
    }
}

extension SettingType where Value: FixedWidthInteger {
    /// A whole number in `range`.
    public static func integer(in range: ClosedRange<Value>) -> SettingType {
        let expectation =
            range.upperBound == .max
            ? "a whole number, \(range.lowerBound) or more"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return SettingType(
            "whole number", expecting: expectation,
            // `3.0` is a slip: a number with a point is no whole number in a file that people write.
            parse: { value in
                guard case .integer(let number) = value, let number = Value(exactly: number) else {
                    return nil
                }
                return range.contains(number) ? number : nil
            },
            parseText: { Value($0).flatMap { range.contains($0) ? $0 : nil } },
            format: { .integer(Int64(clamping: $0)) })
    }
}

extension SettingType where Value == UInt16 {
    /// A TCP port; 0 lets the system choose one that is free.
    public static var port: SettingType {
        var type = integer(in: 0...65535)
        type.name = "port"
        type.expectation = "a port from 1 to 65535, or 0 for one that is free"
        return type
    }
}

extension SettingType where Value == Duration {
    /// A span of time: `500ms`, `90s`, `2m30s`, `1.5h`, `7d`; a bare number is of seconds.
    public static var duration: SettingType {
        SettingType(
            "duration", expecting: "a duration such as 500ms, 90s, 2m30s, 1.5h or 7d",
            parse: { value in
                switch value {
                case .string(let text): Duration(parsing: text)
                case .integer, .number: Duration(parsing: "\(value)")
                default: nil
                }
            }, parseText: { Duration(parsing: $0) }, format: { .string($0.exact) })
    }
}

extension SettingType where Value == ByteCount {
    /// A number of bytes: `512Mi`, `2Gi`, `100M`, or a bare number.
    public static var bytes: SettingType {
        SettingType(
            "bytes", expecting: "a number of bytes such as 512Mi, 2Gi or 100M",
            parse: { value in
                switch value {
                case .string(let text): ByteCount(parsing: text)
                case .integer(let count): count >= 0 ? ByteCount(count) : nil
                default: nil
                }
            }, parseText: { ByteCount(parsing: $0) }, format: { .string($0.exact) })
    }
}

extension SettingType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the cases of an enum, by their raw values.
    public static func choice(_ type: Value.Type = Value.self) -> SettingType {
        let names = type.allCases.map(\.rawValue)
        return text(
            "choice", expecting: "one of \(names.joined(separator: ", "))", choices: names,
            format: { .string($0.rawValue) }
        ) { Value(rawValue: $0) }
    }
}

extension SettingType {
    /// A list; in variables and flags its elements are separated by commas.
    public static func list<Element: Sendable>(
        of element: SettingType<Element>, most: Int = 1000
    ) -> SettingType where Value == [Element] {
        var type = SettingType(
            "list: \(element.name)", expecting: "a list of at most \(most), each \(element.expectation)",
            choices: element.choices,
            parse: { value in
                guard let values = value.array, values.count <= most else { return nil }
                let elements = values.compactMap(element.parse)
                return elements.count == values.count ? elements : nil
            },
            parseText: { text in
                let words = text.split(separator: ",", omittingEmptySubsequences: false).map {
                    String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
                }
                guard words.count <= most else { return nil }
                let elements = words.compactMap { $0.isEmpty ? nil : element.parseText($0) }
                return elements.count == words.count ? elements : nil
            }, format: { .array($0.map(element.format)) })
        type.localize = { values, host in
            let localized = values.compactMap { element.localize($0, host) }
            return localized.count == values.count ? localized : nil
        }
        return type
    }

    /// The same, where nothing may stand too.
    public static func optional<Wrapped: Sendable>(
        _ type: SettingType<Wrapped>
    ) -> SettingType where Value == Wrapped? {
        var optional = SettingType(
            type.name, expecting: type.expectation, choices: type.choices, parse: type.parse,
            parseText: type.parseText, format: { $0.map(type.format) ?? .null })
        optional.localize = { value, host in
            guard let value else { return .some(nil) }
            return type.localize(value, host)
        }
        optional.complete = type.complete
        return optional
    }
}

extension Duration {
    /// A form that reads back to the same duration.
    fileprivate var exact: String {
        let nanoseconds = inNanoseconds
        for (suffix, unit) in [
            ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
            ("ms", 1_000_000), ("us", 1000),
        ] as [(String, Int64)] where nanoseconds >= unit && nanoseconds % unit == 0 {
            return "\(nanoseconds / unit)\(suffix)"
        }
        return nanoseconds == 0 ? "0s" : "\(nanoseconds)ns"
    }
}

extension ByteCount {
    /// A form that reads back to the same number.
    fileprivate var exact: String {
        for (suffix, shift) in [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)] as [(String, Int64)] {
            let unit = Int64(1) << shift
            if bytes >= unit, bytes % unit == 0 { return "\(bytes / unit)\(suffix)" }
        }
        return "\(bytes)"
    }
}
