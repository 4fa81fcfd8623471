import Configuration
import Core

/// One setting of every type, and a machine to load them on.
enum Sample {
    enum Mode: String, CaseIterable, Sendable { case fast, safe }

    static let address = Setting("http.address", .string, default: "127.0.0.1", help: "Where to listen.")
    static let port = Setting("http.port", .port, default: 7070, help: "The port.")
    static let key = Setting(
        "http.tls.key", .optional(.path), default: nil, example: "/etc/key", help: "The key.")
    static let mode = Setting("mode", .choice(Mode.self), default: .fast, help: "How to work.")
    static let verbose = Setting("verbose", .bool, default: false, help: "Whether to talk.")
    static let wait = Setting(
        "limits.wait", .duration, default: .seconds(90), flag: "limits-wait", help: "How long to wait.")
    static let memory = Setting("limits.memory", .bytes, default: .mebibytes(64), help: "How much to take.")
    static let names = Setting("names", .list(of: .string, most: 3), default: [], help: "Whom to greet.")
    static let token = Setting("token", .optional(.string), default: nil, isSecret: true, help: "A secret.")
    static let folder = Setting(
        "folder", .path, default: { host in "\(host.home ?? "")/here" }, described: "'here' in the home",
        example: "/srv", help: "Where things lie.")

    static let settings = Settings([address, port, key, mode, verbose, wait, memory, names, token, folder])

    static func loader(
        _ files: [String: String] = [:], variables: [String: String] = [:]
    ) -> ConfigurationLoader {
        ConfigurationLoader(
            settings: settings,
            host: HostFacts(
                variables: variables, userID: 1000, home: "/h/ada", workingDirectory: "/h/ada/work"),
            readFile: { path throws(ApolloError) in files[path].map { Array($0.utf8) } })
    }

    /// What is wrong with `text` as the file `a.yaml`.
    static func faults(
        _ text: String, variables: [String: String] = [:], flags: [ConfigurationLoader.Flag] = []
    ) -> [String] {
        do {
            _ = try loader(["a.yaml": text], variables: variables).load(path: "a.yaml", flags: flags)
            return []
        } catch {
            return error.fields.map(\.message)
        }
    }
}
