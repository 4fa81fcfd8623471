import Arguments
import Core
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo grant`.
enum GrantCommand {
    static let command = Command(
        "grant", summary: "Say who may do what",
        discussion: """
            Levels are list, read, write and manage, each with those before it; manage is to grant. A grant is on a URI, \
            SCHEME://local/default/PROJECT/NAME, or on a prefix of it and then on all that is under it. Schemes are task, job, \
            function, mapreduce, blob, image, secret, disk, node and role. 'deny' takes away what is under it, whatever \
            else is granted. You can grant on what you manage.
            """,
        subcommands: [add, list, remove])

    static let table = Table<GrantView>([
        Column("ID") { $0.id }, Column("WHO") { $0.user ?? $0.role.map { "role \($0)" } },
        Column("MAY", style: { $0.permission == "deny" ? .red : nil }) { $0.permission },
        Column("ON") { $0.resource }, Column("BY") { $0.createdBy },
    ])

    private static let schemes = [
        "task", "job", "function", "mapreduce", "blob", "image", "secret", "disk", "role",
    ]

    private static let who = Parameter.argument(
        .text("USER"), help: "The user, or the role as role/NAME.")
    private static let permission = Parameter.argument(
        ValueType<String>(
            "PERMISSION", expecting: "deny, list, read, write or manage",
            choices: ["deny", "list", "read", "write", "manage"]
        ) { ["deny", "list", "read", "write", "manage"].contains($0) ? $0 : nil }, help: "The level.")
    private static let uri = Parameter.optionalArgument(
        .text("URI"), help: "On what; the whole project of --project unless given.")

    private static let add = Command(
        "add", summary: "Grant something to a user or a role",
        discussion:
            "Without a URI it is on everything in the project that --project names: a grant for each kind of thing.",
        parameters: [who, permission, uri],
        examples: [
            Example("let her work in a project", "apollo grant add ann write --project shop"),
            Example("let a role read tasks", "apollo grant add role/auditors read task://local/default"),
        ],
        seeAlso: ["apollo grant ls", "apollo project create"]
    ) { invocation in
        let session = try Session(invocation)
        let isRole = invocation[who].hasPrefix("role/")
        let name = isRole ? String(invocation[who].dropFirst("role/".count)) : invocation[who]
        let resources: [String]
        if let uri = invocation[uri] {
            resources = [uri]
        } else {
            guard invocation.isGiven(GlobalOptions.project) else {
                throw invocation.usageError("name a URI, or a whole project with --project")
            }
            resources = schemes.map { "\($0)://local/default/\(session.target.project)" }
        }
        let grants = try await session.withIdentity { client in
            var grants: [GrantView] = []
            for resource in resources {
                grants.append(
                    try await client.addGrant(
                        GrantRequest(
                            user: isRole ? nil : name, role: isRole ? name : nil,
                            permission: invocation[permission], resource: resource)))
            }
            return grants
        }
        try session.output.write(grants, as: session.format, table)
        return .success
    }

    private static let user = Parameter.option(
        "user", .text("NAME"), help: "Only what this user holds, roles included.")
    private static let role = Parameter.option("role", .text("NAME"), help: "Only what this role holds.")
    private static let under = Parameter.option("on", .text("URI"), help: "Only what is on this or under it.")

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List grants: your own, and those on what you manage",
        parameters: [user, role, under],
        examples: [
            Example("what may she?", "apollo grant ls --user ann"),
            Example("who may here?", "apollo grant ls --on task://local/default/shop"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let grants = try await session.withIdentity {
            try await $0.grants(user: invocation[user], role: invocation[role], resource: invocation[under])
        }
        try session.output.write(grants, as: session.format, table)
        return .success
    }

    private static let ids = Parameter.arguments(.text("GRANT"), help: "The grants, by their identifiers.")

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "Take grants back", parameters: [ids],
        examples: [
            Example(
                "all that she holds by herself",
                "apollo grant ls --user ann -o json | jq -r '.[] | select(.user).id' | xargs apollo grant rm")
        ]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withIdentity { client in
            for id in invocation[ids] {
                try await client.removeGrant(id)
                try session.output.write("\(id.printable)\n")
            }
        }
        return .success
    }
}
