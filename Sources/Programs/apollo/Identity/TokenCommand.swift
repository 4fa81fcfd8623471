import Arguments
import Core
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo token`.
enum TokenCommand {
    static let command = Command(
        "token", summary: "Give programs tokens of their own",
        discussion:
            "A program shows its token as APOLLO_TOKEN, or in the field 'Authorization: Bearer TOKEN'.",
        subcommands: [create, list, remove])

    private static let note = Parameter.argument(.text("NOTE"), help: "What it is for.")
    private static let age = Parameter.option(
        "age", .duration, help: "How long it is good for; 90 days unless said.")
    private static let user = Parameter.option(
        "user", .text("NAME"), help: "Whose it is, such as a service's; your own unless said.")

    private static let create = Command(
        "create", summary: "Make a token; its secret is shown this once",
        parameters: [note, age, CredentialLimits.level, CredentialLimits.resources, user],
        examples: [
            Example("for a dashboard", "apollo token create dashboard --permission read --age 30d"),
            Example(
                "for a program of its own",
                "apollo token create deploy --user deployer --on task://local/default/shop"),
        ],
        seeAlso: ["apollo token rm", "apollo user create"]
    ) { invocation in
        let session = try Session(invocation)
        let resources = invocation[CredentialLimits.resources]
        let request = TokenRequest(
            note: invocation[note], age: invocation[age].map { $0 / .seconds(1) },
            permission: invocation[CredentialLimits.level],
            resources: resources.isEmpty ? nil : resources, user: invocation[user])
        let token = try await session.withIdentity { try await $0.createToken(request, key: Session.key()) }
        if session.format == .table {
            let until = token.expires.map { "\($0)" } ?? "revoked"
            try session.errors.write(
                "Token \(token.id) of \(token.principal), good until \(until); shown this once:\n")
        }
        try session.say(token.token ?? "", token)
        return .success
    }

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List tokens and browsers' sessions, without their secrets",
        parameters: [user], examples: [Example("what have I given out?", "apollo token ls")]
    ) { invocation in
        let session = try Session(invocation)
        let tokens = try await session.withIdentity { try await $0.tokens(user: invocation[user]) }
        try session.output.write(
            tokens, as: session.format,
            Table<TokenView>([
                Column("ID") { $0.id }, Column("KIND") { $0.kind }, Column("NOTE") { $0.note },
                Column("GOOD FOR") { ([$0.permission] + $0.resources).joined(separator: " ") },
                Column("CREATED") { "\($0.createdAt)" }, Column("UNTIL") { $0.expires.map { "\($0)" } },
            ]))
        return .success
    }

    private static let ids = Parameter.arguments(.text("TOKEN"), help: "The tokens, by their identifiers.")

    private static let remove = Command(
        "rm", aliases: ["remove", "revoke"], summary: "End tokens and sessions",
        discussion: "They are worth nothing from then on; what streams with them ends within 15 seconds.",
        parameters: [ids], examples: [Example("end it", "apollo token rm 01hzy3m8k2w7q4v9x0ab")]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withIdentity { client in
            for id in invocation[ids] {
                try await client.revokeToken(id)
                try session.output.write("\(id.printable)\n")
            }
        }
        return .success
    }
}
