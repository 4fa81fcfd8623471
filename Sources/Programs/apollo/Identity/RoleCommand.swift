import Arguments
import Core
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo role`.
enum RoleCommand {
    static let command = Command(
        "role", summary: "Name sets of rights, and give them to users",
        discussion: """
            'administrators' is there from the start and holds everything. Whoever gives a role, or takes it, has to manage \
            all that it holds.
            """,
        subcommands: [create, list, show, assign, unassign, remove])

    private static let name = Parameter.argument(.text("ROLE"), help: "The role.")
    private static let user = Parameter.argument(.text("USER"), help: "The user.")

    private static let create = Command(
        "create", summary: "Make a role, which holds nothing yet", parameters: [name],
        examples: [Example("make it", "apollo role create developers")], seeAlso: ["apollo grant add"]
    ) { invocation in
        let session = try Session(invocation)
        let role = try await session.withIdentity {
            try await $0.createRole(invocation[name], key: Session.key())
        }
        try session.say(role.name, role)
        return .success
    }

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List roles",
        examples: [Example("which are there?", "apollo role ls")]
    ) { invocation in
        let session = try Session(invocation)
        let roles = try await session.withIdentity { try await $0.roles() }
        try session.output.write(
            roles, as: session.format,
            Table<RoleView>([
                Column("NAME") { $0.name }, Column("GRANTS", .right) { "\($0.grants.count)" },
                Column("MEMBERS") { $0.members.isEmpty ? nil : $0.members.joined(separator: ", ") },
            ]))
        return .success
    }

    private static let show = Command(
        "show", summary: "Show what a role holds, and who has it", parameters: [name],
        examples: [Example("what is in it?", "apollo role show developers")]
    ) { invocation in
        let session = try Session(invocation)
        let role = try await session.withIdentity { try await $0.role(invocation[name]) }
        guard session.format == .table else {
            try session.output.writeJSON(role)
            return .success
        }
        try session.output.write(fields: [
            ("Role", role.name),
            ("Members", role.members.isEmpty ? "none" : role.members.joined(separator: ", ")),
        ])
        try session.output.write(role.grants, GrantCommand.table)
        return .success
    }

    private static let assign = member("assign", "Give a user all that a role holds", isMember: true)
    private static let unassign = member("unassign", "Take a role from a user", isMember: false)

    private static func member(_ verb: String, _ summary: String, isMember: Bool) -> Command {
        Command(
            verb, summary: summary, parameters: [name, user],
            examples: [Example("do it", "apollo role \(verb) developers ann")]
        ) { invocation in
            let session = try Session(invocation)
            try await session.withIdentity {
                try await $0.setMember(invocation[name], invocation[user], isMember: isMember)
            }
            try session.output.write("\(invocation[user])\n")
            return .success
        }
    }

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "Remove a role, from those who have it too", parameters: [name],
        examples: [Example("remove it", "apollo role rm developers")]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withIdentity { try await $0.removeRole(invocation[name]) }
        try session.output.write("\(invocation[name])\n")
        return .success
    }
}
