public import Core
public import Documents
import YAML

/// Finds the values of all settings: defaults, over them the file, over it the environment, over that the flags.
///
/// Everything that is wrong is told at once, each with its place.
public struct ConfigurationLoader: Sendable {
    public let settings: Settings
    public let host: HostFacts
    /// How files are read.
    public var readFile: @Sendable (String) throws(ApolloError) -> [UInt8]?

    /// `readFile` returns nil for a file that is not there.
    public init(
        settings: Settings, host: HostFacts,
        readFile: @escaping @Sendable (String) throws(ApolloError) -> [UInt8]? = ConfigurationFile.read
    ) {
        self.settings = settings
        self.host = host
        self.readFile = readFile
    }

    /// A setting given on the command line.
    public struct Flag: Hashable, Sendable {
        public var key: String
        public var text: String
        /// As it was written, such as `--http-port`.
        public var spelling: String

        public init(key: String, text: String, spelling: String) {
            self.key = key
            self.text = text
            self.spelling = spelling
        }
    }

    /// Loads from `path` (that of `--config`), else from the file that `APOLLO_CONFIG` names, else from the first of
    /// the usual ones that is there. A file that is named must be there.
    public func load(path: String? = nil, flags: [Flag] = []) throws(ApolloError) -> ResolvedConfiguration {
        guard let document = try document(path: path) else {
            return try resolve(nil, flags: flags)
        }
        return try resolve(document, flags: flags)
    }

    /// Where a file is looked for when none is named: the user's own before that of the machine.
    public var usualPaths: [String] {
        let name = "apollo/apollo.yaml"
        return [host.directory("XDG_CONFIG_HOME", else: ".config", name), "/etc/\(name)"].compactMap { $0 }
    }

    // MARK: Files

    private func document(path: String?) throws(ApolloError) -> Document? {
        if let path = path ?? host.variable("APOLLO_CONFIG") {
            let named = host.expanded(path) ?? path
            guard let bytes = try readFile(named) else {
                throw ApolloError(
                    .notFound,
                    "there is no configuration file '\(named)', which APOLLO_CONFIG or --config names",
                    hint: "'apollo config example' prints one to begin with")
            }
            return try document(of: bytes, file: named)
        }
        for path in usualPaths {
            if let bytes = try readFile(path) { return try document(of: bytes, file: path) }
        }
        return nil
    }

    private func document(of bytes: [UInt8], file: String) throws(ApolloError) -> Document {
        do throws(YAMLError) { return try YAMLReader().read(bytes, file: file) } catch {
            throw ApolloError(
                .invalid, "the configuration file cannot be read as YAML",
                fields: [FieldError(path: "", message: error.description)])
        }
    }

    // MARK: Layers

    /// The values of all settings, of a document that is read already.
    public func resolve(
        _ document: Document?, flags: [Flag] = []
    ) throws(ApolloError) -> ResolvedConfiguration {
        var layers = SettingLayers(settings: settings, host: host)
        if let document { layers.add(document) }
        layers.addVariables()
        layers.add(flags)
        guard layers.problems.isEmpty else {
            let count = layers.problemCount
            throw ApolloError(
                .invalid, "the configuration is wrong in \(count == 1 ? "one place" : "\(count) places")",
                hint: "'apollo config reference' explains every setting",
                fields: layers.problems.map { FieldError(path: "", message: $0) })
        }
        var values: [String: (value: SettingValue, source: SettingSource)] = [:]
        for setting in settings.all {
            let key = setting.declaration.key
            values[key] = layers.values[key] ?? (setting.resolvedDefault(on: host), .default)
        }
        return ResolvedConfiguration(
            file: document?.file, warnings: layers.warnings, settings: settings, values: values)
    }
}
