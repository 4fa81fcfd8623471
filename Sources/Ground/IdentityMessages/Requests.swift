public import Documents

/// Asks for a token by password.
public struct LoginRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var user: String
    public var password: String
    public var note: String?
    /// How long it should be good for, in seconds.
    public var age: Double?

    public init(user: String, password: String, note: String? = nil, age: Double? = nil) {
        self.user = user
        self.password = password
        self.note = note
        self.age = age
    }

    public static var schema: Schema {
        .object(
            "Asks for a token by password.",
            [
                .required("user", .string(1...63), "The user's name."),
                .required("password", .string(1...1024), "The user's password."),
                .optional("note", .string(0...200), "What the token is for, such as the machine's name."),
                .optional("age", .seconds(1...31_536_000), "How long it should be good for at most."),
            ])
    }
}

/// Makes a user.
public struct UserRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var name: String
    /// `user` or `service`.
    public var kind: String
    public var password: String?

    public init(name: String, kind: String = "user", password: String? = nil) {
        self.name = name
        self.kind = kind
        self.password = password
    }

    public static var schema: Schema {
        .object(
            "A user to make.",
            [
                .required("name", .string(.name), "The user's name."),
                .optional(
                    "kind", .values(["user", "service"]), default: "user",
                    "A person, or a program, which has tokens and no password."),
                .optional("password", .string(1...1024), "At least 10 characters."),
            ])
    }
}

/// Sets a password.
public struct PasswordRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var password: String
    /// The old one: whoever changes his own has to know it.
    public var current: String?

    public init(password: String, current: String? = nil) {
        self.password = password
        self.current = current
    }

    public static var schema: Schema {
        .object(
            "A new password.",
            [
                .required("password", .string(1...1024), "The new one: at least 10 characters."),
                .optional("current", .string(1...1024), "The old one, where it is the caller's own."),
            ])
    }
}

/// Makes something that has only a name: a role, a project.
public struct NameRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var name: String

    public init(name: String) { self.name = name }

    public static var schema: Schema {
        .object("What to make.", [.required("name", .string(.name), "Its name.")])
    }
}

/// Grants something to a user or to all who have a role.
public struct GrantRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var user: String?
    public var role: String?
    public var permission: String
    public var resource: String

    public init(user: String? = nil, role: String? = nil, permission: String, resource: String) {
        self.user = user
        self.role = role
        self.permission = permission
        self.resource = resource
    }

    public static var schema: Schema {
        .object(
            "A grant to give, to a user or to a role.",
            [
                .optional("user", .string(.name), "The user who gets it."),
                .optional("role", .string(.name), "The role whose members get it."),
                .required("permission", .values(["deny", "list", "read", "write", "manage"]), "The level."),
                .required(
                    "resource", .string(1...1024),
                    "What it is on, and all under it, such as `task://local/default/shop`."),
            ])
    }
}

/// Makes a token.
public struct TokenRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var note: String
    /// In seconds.
    public var age: Double?
    public var permission: String?
    public var resources: [String]?
    /// Whose it is; the caller's own where it is left out.
    public var user: String?

    public init(
        note: String, age: Double? = nil, permission: String? = nil, resources: [String]? = nil,
        user: String? = nil
    ) {
        self.note = note
        self.age = age
        self.permission = permission
        self.resources = resources
        self.user = user
    }

    public static var schema: Schema {
        .object(
            "A token to make.",
            [
                .required("note", .string(1...200), "What it is for."),
                .optional(
                    "age", .seconds(1...3_153_600_000), "How long it is good for; 90 days unless said."),
                .optional(
                    "permission", .values(["list", "read", "write", "manage"]),
                    "The highest level it is good for; all that its owner has unless said."),
                .optional(
                    "resources", .array(.string(1...1024), count: 0...64),
                    "What it is good for, and all under these; everything unless said."),
                .optional("user", .string(.name), "Whose it is; the caller's own unless said."),
            ])
    }
}
