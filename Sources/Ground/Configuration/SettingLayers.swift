import Core
import Documents

/// Lays the sources of settings over each other, and collects what is wrong with them.
struct SettingLayers {
    let settings: Settings
    let host: HostFacts
    private(set) var values: [String: (value: SettingValue, source: SettingSource)] = [:]
    /// Each with its place in front: `apollo.yaml:3:3: unknown setting 'http.prot'; did you mean 'http.port'?`
    private(set) var problems: [String] = []
    /// How many there are, those not told included.
    private(set) var problemCount = 0
    private(set) var warnings: [String] = []

    init(settings: Settings, host: HostFacts) {
        self.settings = settings
        self.host = host
    }

    // MARK: The file

    mutating func add(_ document: Document) {
        switch document.value {
        case .null: return  // an empty file, or one of comments
        case .object(let object): add(object, at: .root, prefix: "", of: document)
        default:
            let place = place(of: document.location(of: .root), in: document)
            report("\(place)must be settings such as 'http:', not \(document.value.kindName)")
        }
    }

    private mutating func add(
        _ object: JSONObject, at path: DocumentPath, prefix: String, of document: Document
    ) {
        for member in object.members {
            let key = prefix + member.key
            let path = path.appending(member.key)
            if member.key.contains(".") {
                // One way to write a setting: two could say different things.
                let place = place(of: document.keyLocation(of: path), in: document)
                report(place + unknown(member.key, prefix: prefix))
            } else if let setting = settings[key] {
                add(member.value, for: setting, at: path, of: document)
            } else if isGroup(key) {
                switch member.value {
                case .null: continue  // everything under it is commented out
                case .object(let inner): add(inner, at: path, prefix: key + ".", of: document)
                default:
                    let place = place(of: document.location(of: path), in: document)
                    report(
                        "\(place)'\(key)' is a group: put \(children(of: key)) under it, not \(member.value.kindName)"
                    )
                }
            } else {
                let place = place(of: document.keyLocation(of: path), in: document)
                report(place + unknown(member.key, prefix: prefix))
            }
        }
    }

    private mutating func add(
        _ value: JSONValue, for setting: any AnySetting, at path: DocumentPath, of document: Document
    ) {
        // Null is what is left of a setting whose value is commented out: its default holds.
        guard !value.isNull else { return }
        let location = document.location(of: path)
        let key = setting.declaration.key
        guard let read = setting.value(of: value, on: host) else {
            let what = setting.declaration.isSecret ? value.kindName : Self.shortened(value)
            report(
                "\(place(of: location, in: document))'\(key)' must be \(setting.declaration.expectation), not \(what)"
            )
            return
        }
        values[key] = (read, .file(document.file ?? "the configuration", location))
    }

    /// `apollo.yaml:3:3: `
    private func place(of location: SourceLocation?, in document: Document) -> String {
        let file = document.file ?? "the configuration"
        return location.map { "\(file):\($0): " } ?? "\(file): "
    }

    // MARK: Variables and flags

    mutating func addVariables() {
        for setting in settings.all {
            let name = setting.declaration.variable
            // A variable that is set to nothing is how scripts unset one.
            guard let text = host.variables[name], !text.isEmpty else { continue }
            add(text, for: setting, from: .variable(name))
        }
        // No error: Kubernetes itself gives containers variables such as APOLLO_PORT, for a service of that name.
        let known = settings.declarations.map(\.variable)
        for name in host.variables.keys.sorted() where name.hasPrefix("APOLLO_") && !known.contains(name) {
            guard !Self.others.contains(name), let near = nearestName(to: name, among: known) else {
                continue
            }
            warnings.append("the variable \(name) is not that of a setting; did you mean \(near)?")
        }
    }

    /// Variables of Apollo that are no settings of the platform.
    private static let others = [
        "APOLLO_ADDRESS", "APOLLO_CA_FILE", "APOLLO_CONFIG", "APOLLO_CONTEXT", "APOLLO_CONTEXTS",
        "APOLLO_PROJECT",
        "APOLLO_TOKEN",
    ]

    mutating func add(_ flags: [ConfigurationLoader.Flag]) {
        for flag in flags {
            guard let setting = settings[flag.key] else {
                let prefix = flag.key.split(separator: ".").dropLast().map { $0 + "." }.joined()
                report(
                    "\(flag.spelling): " + unknown(String(flag.key.dropFirst(prefix.count)), prefix: prefix))
                continue
            }
            add(setting.completed(flag.text, on: host), for: setting, from: .flag(flag.spelling))
        }
    }

    private mutating func add(_ text: String, for setting: any AnySetting, from source: SettingSource) {
        let declaration = setting.declaration
        guard !text.isEmpty, let value = setting.value(ofText: text, on: host) else {
            let what = declaration.isSecret ? "what it is" : Self.shortened(.string(text))
            report("\(source): '\(declaration.key)' must be \(declaration.expectation), not \(what)")
            return
        }
        values[declaration.key] = (value, source)
    }

    // MARK: Words

    private var isTelling: Bool { problems.count < 32 }

    /// The first 32 faults are told: whoever mends them will see the others then.
    private mutating func report(_ problem: String) {
        if isTelling { problems.append(problem) }
        problemCount += 1
    }

    private func isGroup(_ key: String) -> Bool {
        settings.declarations.contains { $0.key.hasPrefix(key + ".") }
    }

    private func names(under prefix: String) -> [String] {
        var names: [String] = []
        for declaration in settings.declarations where declaration.key.hasPrefix(prefix) {
            let name = String(declaration.key.dropFirst(prefix.count).prefix { $0 != "." })
            if names.last != name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    private func children(of group: String) -> String {
        let names = names(under: group + ".").map { "'\($0)'" }
        return names.count > 1
            ? names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1] : names[0]
    }

    private func unknown(_ name: String, prefix: String) -> String {
        let key = prefix + name
        let said = "unknown setting '\(key.prefix(128))'"
        guard isTelling else { return said }
        if key.contains("."), settings[key] != nil {
            let steps = key.split(separator: ".")
            return
                "\(said) in one line: write '\(steps[0]):', and under it '\(steps.dropFirst().joined(separator: ".")):'"
        }
        if let near = nearestName(to: name, among: names(under: prefix)) {
            return "\(said); did you mean '\(prefix)\(near)'?"
        }
        // The right name in another place.
        if let elsewhere = settings.declarations.first(where: { $0.steps.last == name }) {
            return "\(said); did you mean '\(elsewhere.key)'?"
        }
        if let near = nearestName(to: key, among: settings.declarations.map(\.key)) {
            return "\(said); did you mean '\(near)'?"
        }
        return said
    }

    private static func shortened(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): "'\(text.prefix(64))\(text.count > 64 ? "…" : "")'"
        case .array, .object, .null: value.kindName
        default: "\(value)"
        }
    }
}
