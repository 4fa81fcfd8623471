import Configuration
import Core
import Glibc
import Identity

/// The platform that a command talks to, and the token it shows there. What stands on the line comes before the environment,
/// that before the context, and that before the platform of this machine's data directory. A token is shown only to the platform
/// it was kept for.
struct Target: Sendable {
    let project: String
    /// The file of the authorities to trust; nil for the system's.
    let authorities: String?
    /// The fingerprint of the authority trusted at the login; nil where somebody said whom to trust.
    let pin: String?
    /// The context that is used; nil where none is.
    let context: (name: String, entry: Contexts.Entry)?
    private let said: String?
    private let tokenFile: String?
    private let variables: [String: String]
    private let configuration: ResolvedConfiguration

    init(
        variables: [String: String], configuration: ResolvedConfiguration, isDataGiven: Bool,
        context: String?,
        address: String?, tokenFile: String?, authorities: String?, project: String?
    ) throws {
        // A variable that is set to nothing is how scripts unset one.
        func set(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.variables = variables
        self.configuration = configuration
        self.tokenFile = tokenFile
        said = (address ?? set("APOLLO_ADDRESS")).map(Self.url)
        let contexts = try Contexts(variables: variables)
        let named = context ?? set("APOLLO_CONTEXT")
        if let named {
            self.context = try contexts.entry(named: named)
        } else if isDataGiven || set("APOLLO_DATA_DIRECTORY") != nil {
            self.context = nil
        } else {
            let current = try contexts.entry(named: nil)
            self.context = said == nil || said == current?.entry.address ? current : nil
        }
        self.authorities =
            authorities ?? set("APOLLO_CA_FILE") ?? self.context?.entry.authorities
            ?? (said == nil && self.context == nil ? Self.ownAuthorities(configuration) : nil)
        let isGiven = authorities != nil || set("APOLLO_CA_FILE") != nil
        pin = isGiven ? nil : self.context?.entry.fingerprint
        self.project = project ?? set("APOLLO_PROJECT") ?? self.context?.entry.project ?? "default"
    }

    /// What the platform of the data directory wrote for programs of this machine; nil where its certificate is not its own.
    private static func ownAuthorities(_ configuration: ResolvedConfiguration) -> String? {
        let file = DataDirectory(at: configuration[PlatformSettings.dataDirectory]).tls + "/ca.crt"
        return access(file, R_OK) == 0 ? file : nil
    }

    /// An address as it is kept: with its scheme, without a slash at its end. Of several, with commas between them, each.
    static func url(_ text: String) -> String {
        text.split(separator: ",").map { part in
            let part = part.filter { !$0.isWhitespace }
            let url = part.contains("://") ? part : "http://\(part)"
            return url.hasSuffix("/") ? String(url.dropLast()) : url
        }.joined(separator: ",")
    }

    /// Where the platform answers: what was said, else what the context says, else where the platform of the data directory
    /// says it is, else where the settings put it.
    func address() throws -> String {
        if let said { return said }
        if let context { return context.entry.address }
        let data = DataDirectory(at: configuration[PlatformSettings.dataDirectory])
        if let written = try PrivateFile.read(data.address) {
            return String(written.prefix { !$0.isNewline })
        }
        let isPlain = try TLSPlan(configuration) == .off
        let scheme = isPlain ? "http" : "https"
        return
            "\(scheme)://\(configuration[PlatformSettings.httpAddress]):\(configuration[PlatformSettings.httpPort])"
    }

    /// Whether a platform was named, other than that of the data directory.
    var isNamed: Bool { said != nil || context != nil }

    /// Whether something said that a platform runs: an address was given, or one wrote its own.
    func isExpected() throws -> Bool {
        if isNamed { return true }
        return try PrivateFile.read(DataDirectory(at: configuration[PlatformSettings.dataDirectory]).address)
            != nil
    }

    /// The token to show.
    func token() throws -> String {
        if let tokenFile {
            guard let text = try PrivateFile.read(tokenFile) else {
                throw ApolloError(
                    .notFound, "there is no file \(tokenFile)",
                    hint: "name the token's file with --token-file")
            }
            return String(text.prefix { !$0.isNewline })
        }
        if let token = variables["APOLLO_TOKEN"], !token.isEmpty { return token }
        // A context's token is for its own platform alone.
        if let context, said == nil || said == context.entry.address { return context.entry.token }
        return try AdminTokenFile.load(in: configuration[PlatformSettings.dataDirectory]).text
    }

    /// Where the token comes from, in a few words.
    var tokenSource: String {
        if tokenFile != nil { return "the file of --token-file" }
        if let token = variables["APOLLO_TOKEN"], !token.isEmpty { return "APOLLO_TOKEN" }
        if let context, said == nil || said == context.entry.address {
            return "the context '\(context.name)'"
        }
        return "the data directory \(configuration[PlatformSettings.dataDirectory])"
    }

    /// `error`, which says with which token the platform was asked, where that may be the cause.
    func explaining(_ error: any Error) -> any Error {
        guard var error = error as? ApolloError, error.kind == .unauthenticated else { return error }
        error.message += " (it comes from \(tokenSource))"
        if context != nil { error.hint = "'apollo login' gets a new one" }
        return error
    }
}
