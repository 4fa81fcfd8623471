public import Documents

/// Where the value of a setting comes from.
public enum SettingSource: Hashable, Sendable {
    case `default`
    case file(String, SourceLocation?)
    case variable(String)
    /// As it was written, such as `--http-port`.
    case flag(String)
}

extension SettingSource: CustomStringConvertible {
    /// `default`, `/etc/apollo/apollo.yaml:3`, `APOLLO_HTTP_PORT`, `--http-port`.
    public var description: String {
        switch self {
        case .default: "default"
        case .file(let path, let location): location.map { "\(path):\($0.line)" } ?? path
        case .variable(let name): name
        case .flag(let spelling): spelling
        }
    }
}

/// Every setting with its value, and where the value comes from.
public struct ResolvedConfiguration: Sendable {
    /// The file that was read, if any.
    public let file: String?
    /// What is odd but no error, such as a variable that looks like that of a setting.
    public let warnings: [String]
    let settings: Settings
    let values: [String: (value: SettingValue, source: SettingSource)]

    init(
        file: String?, warnings: [String], settings: Settings,
        values: [String: (value: SettingValue, source: SettingSource)]
    ) {
        self.file = file
        self.warnings = warnings
        self.settings = settings
        self.values = values
    }

    /// The value of a setting that is among those loaded.
    public subscript<Value>(_ setting: Setting<Value>) -> Value {
        let key = setting.declaration.key
        guard let value = values[key]?.value.typed as? Value else {
            preconditionFailure("the setting '\(key)' is read but not listed, or listed with another type")
        }
        return value
    }

    public func source<Value>(of setting: Setting<Value>) -> SettingSource {
        values[setting.declaration.key]?.source ?? .default
    }

    /// The settings in the order of the reference, for `config show`.
    public var entries: [ConfigurationEntry] {
        settings.declarations.compactMap { declaration in
            guard let (value, source) = values[declaration.key] else { return nil }
            let isHidden = declaration.isSecret && value.shown != .null
            return ConfigurationEntry(
                key: declaration.key, value: isHidden ? "(hidden)" : value.shown, source: source,
                text: isHidden || value.shown != .null ? nil : declaration.defaultDescription)
        }
    }
}

/// A line of `config show`. Secrets are hidden.
public struct ConfigurationEntry: Hashable, Sendable {
    public var key: String
    public var value: JSONValue
    public var source: SettingSource

    /// The value in one line, as people write it; where there is none, what holds then.
    public var text: String

    init(key: String, value: JSONValue, source: SettingSource, text: String?) {
        self.key = key
        self.value = value
        self.source = source
        self.text = text ?? SettingDeclaration.text(of: value)
    }
}

extension ConfigurationEntry: Encodable {
    private enum CodingKeys: String, CodingKey { case key, value, source, file, line }

    /// `{"key": "http.port", "value": 7070, "source": "file", "file": "/etc/apollo/apollo.yaml", "line": 3}`; for
    /// variables and flags the source is their name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(value, forKey: .value)
        guard case .file(let path, let location) = source else {
            return try container.encode(source.description, forKey: .source)
        }
        try container.encode("file", forKey: .source)
        try container.encode(path, forKey: .file)
        try container.encodeIfPresent(location?.line, forKey: .line)
    }
}
