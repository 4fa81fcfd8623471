public import Documents

/// A secret that a task is given, by its name: as a file unless `environment` says otherwise.
public struct SecretReference: Hashable, Sendable, Codable {
    /// Where files are in a container; what `APOLLO_SECRETS_DIR` says in either runtime.
    public static let containerDirectory = "/run/secrets"
    public static let directoryVariable = "APOLLO_SECRETS_DIR"

    public var name: String
    /// Nil for the newest there is when an attempt starts.
    public var version: Int64?
    /// Where the file is: below the directory of secrets, or in a container anywhere. Nil for the secret's name.
    public var path: String?
    /// The variable that holds it, in place of a file.
    public var environment: String?

    public init(name: String, version: Int64? = nil, path: String? = nil, environment: String? = nil) {
        self.name = name
        self.version = version
        self.path = path
        self.environment = environment
    }

    /// Where the file is below the directory of secrets; nil for one that is elsewhere, and for variables.
    public var relativePath: String? {
        guard environment == nil else { return nil }
        let path = path ?? name
        return path.hasPrefix("/") ? nil : path
    }

    /// Where a container sees the file; nil for variables.
    public var containerPath: String? {
        guard environment == nil else { return nil }
        return relativePath.map { "\(Self.containerDirectory)/\($0)" } ?? path
    }
}

extension SecretReference: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A secret that the task is given, as a file or as an environment variable.",
            [
                .required("name", .string(.name), "The secret, of the task's project."),
                .optional(
                    "version", .integer(1...), "The newest when an attempt starts, unless it says which."),
                .optional(
                    "path", .string(.withoutNUL, length: 1...1024),
                    "Where its file is: below $APOLLO_SECRETS_DIR, or an absolute path in a container."),
                .optional(
                    "environment", .string(.environmentName, length: 1...255),
                    "The variable that holds it, in place of a file. Files are safer."),
            ])
    }
}

extension TaskSpec {
    /// What is wrong with its secrets: the path of the field, and why.
    func secretFaults() -> [(path: String, message: String)] {
        var faults: [(path: String, message: String)] = []
        var places: Set<String> = Set(mounts.map(\.target))
        for (index, secret) in secrets.enumerated() {
            let field = "secrets[\(index)]"
            if let variable = secret.environment {
                if secret.path != nil { faults.append(("\(field).path", "excludes 'environment'")) }
                if environment[variable] != nil || !places.insert("=\(variable)").inserted {
                    faults.append(("\(field).environment", "the variable '\(variable)' is given already"))
                }
                continue
            }
            if let path = secret.path {
                let parts = path.split(separator: "/", omittingEmptySubsequences: false)
                    .dropFirst(path.hasPrefix("/") ? 1 : 0)
                if parts.count > 16 || parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) {
                    faults.append(
                        (
                            "\(field).path",
                            "must be a path without '.', '..' and empty parts, such as db/password"
                        ))
                } else if path.hasPrefix("/"), executable != nil {
                    faults.append(
                        (
                            "\(field).path",
                            "is absolute, which is for containers: a process finds its secrets below $APOLLO_SECRETS_DIR"
                        ))
                }
            }
            if let place = secret.containerPath, !places.insert(place).inserted {
                faults.append(("\(field).path", "'\(place)' is taken already"))
            }
        }
        return faults
    }
}

// Records that were stored before there were secrets have no such field.
extension KeyedDecodingContainer {
    func decode(_: [SecretReference].Type, forKey key: Key) throws -> [SecretReference] {
        try decodeIfPresent([SecretReference].self, forKey: key) ?? []
    }
}
