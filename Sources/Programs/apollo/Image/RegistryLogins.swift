import Core
import ImageClients

/// The names and passwords that `docker login` keeps, in `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`. Those that a helper
/// of Docker's keeps elsewhere are not looked for.
enum RegistryLogins {
    static func load(_ variables: [String: String]) throws -> RegistryCredentials {
        func set(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let folder = set("DOCKER_CONFIG") ?? set("HOME").map({ $0 + "/.docker" }),
            let credentials = try read("\(folder)/config.json", requiresLogins: false)
        else { return RegistryCredentials() }
        return credentials
    }

    /// What a file keeps; nil where there is none.
    ///
    /// - Parameters:
    ///   - requiresLogins: false where the file may be one that keeps other settings alone.
    ///   - setting: the name of the setting that names the file, for messages.
    static func read(
        _ path: String, requiresLogins: Bool, setting: String? = nil
    ) throws -> RegistryCredentials? {
        guard let text = try PrivateFile.read(path, upTo: 1 << 20) else { return nil }
        guard
            let credentials = RegistryCredentials(
                parsing: Array(text.utf8), requiresLogins: requiresLogins)
        else {
            throw ApolloError(
                .invalid, "\(setting.map { "\($0): " } ?? "")\(path) is no file as 'docker login' writes it",
                hint: #"{"auths": {"HOST": {"auth": "…"}}}"#)
        }
        return credentials
    }
}
