import Core
import Documents
import ImageClients

/// The names and passwords that `docker login` keeps, in `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`. Those that a helper
/// of Docker's keeps elsewhere are not looked for.
enum RegistryLogins {
    static func load(_ variables: [String: String]) throws -> RegistryCredentials {
        guard let path = path(variables), let credentials = try read(path, requiresLogins: false) else {
            return RegistryCredentials()
        }
        return credentials
    }

    /// Where they are; nil for somebody without a home.
    static func path(_ variables: [String: String]) -> String? {
        func set(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        return (set("DOCKER_CONFIG") ?? set("HOME").map { $0 + "/.docker" }).map { $0 + "/config.json" }
    }

    /// All that a file keeps, for another login to be added; empty where there is none.
    static func document(_ path: String) throws -> JSONObject {
        guard let text = try PrivateFile.read(path, upTo: limit) else { return JSONObject() }
        // Where the fault lies would tell of what is secret.
        guard let document = (try? JSONReader().read(Array(text.utf8)))?.object,
            document["auths"].map({ $0.object != nil }) ?? true
        else { throw unreadable(path) }
        return document
    }

    private static let limit = 1 << 20

    private static func unreadable(_ path: String, setting: String? = nil) -> ApolloError {
        ApolloError(
            .invalid, "\(setting.map { "\($0): " } ?? "")\(path) is no file as 'docker login' writes it",
            hint: #"{"auths": {"HOST": {"auth": "…"}}}"#)
    }

    /// What a file keeps; nil where there is none.
    ///
    /// - Parameters:
    ///   - requiresLogins: false where the file may be one that keeps other settings alone.
    ///   - setting: the name of the setting that names the file, for messages.
    static func read(
        _ path: String, requiresLogins: Bool, setting: String? = nil
    ) throws -> RegistryCredentials? {
        guard let text = try PrivateFile.read(path, upTo: limit) else { return nil }
        guard
            let credentials = RegistryCredentials(
                parsing: Array(text.utf8), requiresLogins: requiresLogins)
        else { throw unreadable(path, setting: setting) }
        return credentials
    }
}
