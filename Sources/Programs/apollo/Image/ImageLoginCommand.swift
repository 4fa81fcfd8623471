import Arguments
import Core
import Cryptography
import Documents
import Glibc
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo image login`.
enum ImageLoginCommand {
    private static let file = Parameter.option(
        "file", .path.named("FILE"),
        help:
            "Where logins are kept; what docker, podman and skopeo look into unless said: ~/.docker/config.json."
    )
    private static let age = Parameter.option(
        "age", .duration, help: "How long it is good for; 90 days unless said.")
    private static let scope = Parameter.repeated(
        "on", .text("URI"),
        help: "What it is good for, and all under it; image://local, all images, unless said.")

    static let command = Command(
        "login", summary: "Have other programs know the platform's registry",
        discussion: """
            Makes a token and keeps it as 'docker login' does, without Docker: docker, podman and skopeo push and pull as you then, and so do \
            tasks by runc on a machine whose setting oci.credentials names the file. 'apollo token rm' ends it.
            """,
        parameters: [file, age, CredentialLimits.level, scope],
        examples: [
            Example("for docker and skopeo", "apollo image login"),
            Example(
                "for the tasks of a machine, to pull the images of one project",
                "apollo image login --file /etc/apollo/registries.json --permission read --on image://local/default/shop"
            ),
        ], seeAlso: ["apollo token ls", "apollo task run"]
    ) { invocation in
        let session = try Session(invocation)
        let path = try invocation[file] ?? usualFile(session.variables)
        // Of several managers the first: clients of registries know one address for a name.
        let address = try session.target.address().prefix { $0 != "," }
        let host = String(address.drop { $0 != "/" }.drop { $0 == "/" })
        let logins = try RegistryLogins.document(path)
        if let helper = logins["credsStore"]?.string {
            throw ApolloError(
                .unavailable,
                "\(path) has Docker keep logins in its helper '\(helper)', where they cannot be added",
                hint:
                    "use --file, or 'docker login \(host)' with a token as the password: apollo token create registry"
            )
        }
        let request = TokenRequest(
            note: "login to the registry", age: invocation[age].map { $0 / .seconds(1) },
            permission: invocation[CredentialLimits.level],
            resources: invocation[scope].isEmpty ? ["image://local"] : invocation[scope],
            user: nil)
        if invocation[file] == nil { try makeFolder(of: path) }
        let token = try await session.withIdentity { client in
            let token = try await client.createToken(request, key: Session.key())
            do {
                try keep(token.token ?? "", for: host, in: path, beside: logins)
            } catch {
                // Nobody has it. Where it cannot be ended either, it ends by itself.
                try? await client.revokeToken(token.id)
                throw error
            }
            return token
        }
        let until = token.expires.map { "\($0)" } ?? "it is revoked"
        try session.output.write("\(host): logged in until \(until), by token \(token.id) in \(path)\n")
        return .success
    }

    private static func keep(
        _ token: String, for host: String, in path: String, beside others: JSONObject
    ) throws {
        var logins = others
        var entry = JSONObject()
        entry["auth"] = .string(Base64.encode(Array("apollo:\(token)".utf8)))
        var auths = logins["auths"]?.object ?? JSONObject()
        auths[host] = .object(entry)
        logins["auths"] = .object(auths)
        let text = String(decoding: JSONWriter.bytes(of: .object(logins)), as: UTF8.self)
        do { try PrivateFile.write(text + "\n", to: path) } catch let error as ApolloError {
            throw ApolloError(
                error.kind, error.message, hint: "its folder has to be there, and to be yours to write to")
        }
    }

    private static func usualFile(_ variables: [String: String]) throws -> String {
        guard let path = RegistryLogins.path(variables) else {
            throw ApolloError(
                .invalid, "there is no home directory to keep logins in", hint: "name a file with --file")
        }
        return path
    }

    private static func makeFolder(of path: String) throws {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let folder = String(path[..<slash])
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw PrivateFile.failure("make", folder) }
    }
}
