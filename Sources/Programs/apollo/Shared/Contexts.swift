import Core
import Documents
import Glibc
import YAML

/// The platforms a user has logged in to, with a token for each: `~/.config/apollo/contexts.yaml`, for its owner alone.
struct Contexts: Sendable {
    struct Entry: Hashable, Sendable, Codable {
        var address: String
        var token: String
        /// The project that is meant where none is named.
        var project: String?
        var user: String?
        /// A file with the authorities to trust.
        var authorities: String?
        /// Of the platform's own authority, where it was trusted at the login: then the file is kept by us.
        var fingerprint: String?

        private enum CodingKeys: String, CodingKey {
            case address, token, project, user
            case authorities = "ca-file"
            case fingerprint = "ca-fingerprint"
        }
    }

    private struct File: Decodable, SchemaProviding {
        var current: String?
        var contexts: [String: Entry]?

        static var schema: Schema {
            .object([
                .optional("current", .string(.name)),
                .optional(
                    "contexts",
                    .map(
                        of: .object([
                            .required("address", .string), .required("token", .string),
                            .optional("project", .string(.name)), .optional("user", .string),
                            .optional("ca-file", .string), .optional("ca-fingerprint", .string),
                        ]), keys: .name)),
            ])
        }
    }

    /// The context that is meant where none is named; nil for none.
    var current: String?
    var entries: [String: Entry] = [:]
    let path: String

    /// Reads the file; where there is none, there are no contexts.
    init(variables: [String: String]) throws {
        func set(_ name: String) -> String? { variables[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let file = set("APOLLO_CONTEXTS") {
            path = file
        } else if let base = set("XDG_CONFIG_HOME") ?? set("HOME").map({ $0 + "/.config" }) {
            path = base + "/apollo/contexts.yaml"
        } else {
            path = ""
            return
        }
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & 0o077 == 0 else {
            throw ApolloError(
                .denied, "\(path) can be read by other users, and has tokens in it",
                hint: "chmod 600 \(path), and log in again if they may know them")
        }
        guard let text = try PrivateFile.read(path, upTo: 1 << 20) else { return }
        try read(text)
    }

    private mutating func read(_ text: String) throws {
        let file: File
        do {
            let document = try YAMLReader().read(Array(text.utf8), file: path)
            guard !document.value.isNull else { return }
            file = try DocumentDecoder().decode(File.self, from: document, of: path)
        } catch {
            throw ApolloError(
                .corrupt, "\(path) cannot be read: \(error)", hint: "mend it, or remove it and log in again")
        }
        current = file.current
        entries = file.contexts ?? [:]
    }

    /// The context of that name, else the current one; nil where there is none.
    func entry(named name: String?) throws -> (name: String, entry: Entry)? {
        guard let wanted = name ?? current else { return nil }
        guard let entry = entries[wanted] else {
            throw ApolloError(
                .notFound, "no context '\(wanted)'",
                hint: "'apollo context ls' lists them, 'apollo login' makes one")
        }
        return (wanted, entry)
    }

    /// Writes the file as a whole or not at all.
    func save() throws {
        guard !path.isEmpty else {
            throw ApolloError(.invalid, "there is no place for contexts", hint: "set HOME or APOLLO_CONTEXTS")
        }
        try Self.makeDirectory(of: path)
        var contexts: [String: JSONValue] = [:]
        for (name, entry) in entries {
            var fields: [String: JSONValue] = [
                "address": .string(entry.address), "token": .string(entry.token),
            ]
            if let project = entry.project { fields["project"] = .string(project) }
            if let user = entry.user { fields["user"] = .string(user) }
            if let authorities = entry.authorities { fields["ca-file"] = .string(authorities) }
            if let fingerprint = entry.fingerprint { fields["ca-fingerprint"] = .string(fingerprint) }
            contexts[name] = Self.object(fields)
        }
        var fields: [String: JSONValue] = ["contexts": Self.object(contexts)]
        if let current { fields["current"] = .string(current) }
        try PrivateFile.write(YAMLWriter.text(of: Self.object(fields)), to: path)
    }

    /// Where the authorities trusted for a context are kept.
    func pinPath(of name: String) -> String {
        var directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        directory.append("authorities")
        return directory.joined(separator: "/") + "/\(name).pem"
    }

    /// Makes the directories in which `path` is.
    static func makeDirectory(of path: String) throws {
        var built = ""
        for part in path.split(separator: "/").dropLast() {
            built += "/" + part
            guard mkdir(built, 0o700) == 0 || errno == EEXIST else {
                throw PrivateFile.failure("make", built)
            }
        }
    }

    /// Forgets a context, with what was trusted for it.
    mutating func remove(_ name: String) {
        if entries[name]?.fingerprint != nil { PrivateFile.remove(pinPath(of: name)) }
        entries[name] = nil
        if current == name { current = nil }
    }

    private static func object(_ members: [String: JSONValue]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) { object[name] = value }
        return .object(object)
    }
}
