public import Documents

/// A typed key for one setting: declares it, and reads its value from a ``ResolvedConfiguration``.
///
/// Declare each once, list it in ``Settings``, and read it with the same constant:
///
///     static let port = Setting("http.port", .port, default: 7070, help: "The port that people use.")
///     …
///     let port: UInt16 = configuration[HTTPSettings.port]
public struct Setting<Value: Sendable>: Sendable, AnySetting {
    public let declaration: SettingDeclaration
    private let type: SettingType<Value>
    private let defaultValue: @Sendable (HostFacts) -> Value

    /// `key` is its place in the file: lower-case words with dots between the levels, such as `http.tls.key`.
    public init(
        _ key: String, _ type: SettingType<Value>, default value: Value, flag: String? = nil,
        isSecret: Bool = false, example: String? = nil, help: String
    ) {
        self.init(
            key, type, default: { _ in value }, fixed: type.format(value),
            described: SettingDeclaration.text(of: type.format(value)), flag: flag, isSecret: isSecret,
            example: example, help: help)
    }

    /// A setting whose default depends on the machine; `description` says how in the reference.
    public init(
        _ key: String, _ type: SettingType<Value>, default value: @escaping @Sendable (HostFacts) -> Value,
        described description: String, flag: String? = nil, isSecret: Bool = false, example: String? = nil,
        help: String
    ) {
        self.init(
            key, type, default: value, fixed: nil, described: description, flag: flag, isSecret: isSecret,
            example: example, help: help)
    }

    private init(
        _ key: String, _ type: SettingType<Value>, default value: @escaping @Sendable (HostFacts) -> Value,
        fixed: JSONValue?, described description: String, flag: String?, isSecret: Bool, example: String?,
        help: String
    ) {
        precondition(
            !(isSecret && flag != nil), "'\(key)' is a secret: command lines are there for everyone to read")
        declaration = SettingDeclaration(
            key: key, typeName: type.name, expectation: type.expectation, choices: type.choices,
            defaultValue: fixed, defaultDescription: description, flag: flag, isSecret: isSecret,
            example: example, help: help)
        self.type = type
        defaultValue = value
    }

    public func resolvedDefault(on host: HostFacts) -> SettingValue {
        let value = defaultValue(host)
        return SettingValue(typed: value, shown: type.format(value))
    }

    public func value(of document: JSONValue, on host: HostFacts) -> SettingValue? {
        type.parse(document).flatMap { localized($0, on: host) }
    }

    public func value(ofText text: String, on host: HostFacts) -> SettingValue? {
        type.parseText(text).flatMap { localized($0, on: host) }
    }

    public func completed(_ text: String, on host: HostFacts) -> String { type.complete(text, host) }

    private func localized(_ value: Value, on host: HostFacts) -> SettingValue? {
        type.localize(value, host).map { SettingValue(typed: $0, shown: type.format($0)) }
    }
}

/// A ``Setting`` of any type: what ``Settings`` lists.
public protocol AnySetting: Sendable {
    var declaration: SettingDeclaration { get }
    func resolvedDefault(on host: HostFacts) -> SettingValue
    /// The value that stands in a file, or nil where it is not what is expected.
    func value(of document: JSONValue, on host: HostFacts) -> SettingValue?
    /// The value of a variable or a flag, or nil where it is not what is expected.
    func value(ofText text: String, on host: HostFacts) -> SettingValue?
    /// The text of a flag as it has to be read: a relative path from the root.
    func completed(_ text: String, on host: HostFacts) -> String
}

/// A value, as the program reads it and as a file would have it.
public struct SettingValue: Sendable {
    let typed: any Sendable
    let shown: JSONValue
}

/// What the loader, the reference and `config show` know of a setting.
public struct SettingDeclaration: Sendable {
    /// `http.tls.key`
    public let key: String
    public let typeName: String
    /// What is right, as the end of "must be …".
    public let expectation: String
    public let choices: [String]
    /// The default, where it is the same on every machine.
    public let defaultValue: JSONValue?
    /// The default, or how it is found.
    public let defaultDescription: String
    /// The flag of `apollo up` that sets it, without its dashes; nil for none.
    public let flag: String?
    /// Never shown, and never a flag: command lines are there for everyone to read.
    public let isSecret: Bool
    /// What stands in the example instead of the default, as the file would have it.
    public let example: String?
    /// What it does, in a sentence or a few.
    public let help: String

    /// `APOLLO_HTTP_TLS_KEY`
    public var variable: String {
        "APOLLO_" + String(key.uppercased().map { $0 == "." || $0 == "-" ? "_" : $0 })
    }

    /// `["http", "tls", "key"]`
    var steps: [String] { key.split(separator: ".").map(String.init) }

    static func text(of value: JSONValue) -> String {
        switch value {
        case .null: "none"
        case .string(let text): text
        case .array(let values): values.isEmpty ? "none" : values.map(text).joined(separator: ", ")
        default: "\(value)"
        }
    }
}

/// All settings of a program, in the order of its reference.
public struct Settings: Sendable {
    public let all: [any AnySetting]

    public init(_ all: [any AnySetting]) {
        self.all = all
        assert(problems.isEmpty, "the settings contradict each other: \(problems.joined(separator: "; "))")
    }

    public var declarations: [SettingDeclaration] { all.map(\.declaration) }

    subscript(key: String) -> (any AnySetting)? { all.first { $0.declaration.key == key } }

    /// Keys given twice, keys that are also the group of others, names that mean the same variable. Empty for sound
    /// settings.
    public var problems: [String] {
        var problems: [String] = []
        let keys = declarations.map(\.key)
        for (place, key) in keys.enumerated() {
            if keys[..<place].contains(key) { problems.append("'\(key)' is declared twice") }
            if keys.contains(where: { $0.hasPrefix(key + ".") }) {
                problems.append("'\(key)' is a group, too")
            }
        }
        if Set(declarations.map(\.variable)).count < Set(keys).count {
            problems.append("two settings have the same variable")
        }
        return problems
    }
}
