import Arguments
import AuthorityClients
import AuthorityMessages
import Core
import PlatformClients
import Terminal

/// `apollo node token`.
enum NodeTokenCommand {
    static let command = Command(
        "token", summary: "Let machines join", subcommands: [create, list, remove])

    private static let expires = Parameter.option(
        "expires", .duration, default: .seconds(3600), help: "How long it can be used.")
    private static let uses = Parameter.option(
        "uses", .integer("N", in: 1...10_000), default: 1, help: "How many machines may join with it.")
    private static let id = Parameter.argument(
        ValueType<String>("ID", expecting: "a token's identifier") { $0.isEmpty ? nil : $0 },
        help: "The token's identifier.")

    private static let create = Command(
        "create", summary: "Make a join token, and print it this once",
        discussion: """
            Whoever has it can join as a machine, so treat it as a password. It holds the fingerprint of the platform's \
            authority: by it the machine knows the platform.
            """,
        parameters: [expires, uses],
        examples: [Example("for ten machines, today", "apollo node token create --expires 8h --uses 10")]
    ) { invocation in
        let session = try Session(invocation)
        let request = JoinTokenRequest(
            expires: invocation[expires].inSeconds, uses: invocation[uses])
        let record = try await session.withClient { try await AuthorityClient($0.api).makeToken(request) }
        switch session.format {
        case .table: try session.output.write("\(record.token ?? "")\n")
        case .json: try session.output.writeJSON(record)
        }
        return .success
    }

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List the tokens that can be used"
    ) { invocation in
        let session = try Session(invocation)
        let tokens = try await session.withClient { try await AuthorityClient($0.api).tokens() }
        try session.output.write(tokens, as: session.format, table)
        return .success
    }

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "Take a token back", parameters: [id]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withClient { try await AuthorityClient($0.api).removeToken(invocation[id]) }
        try session.output.write("\(invocation[id])\n")
        return .success
    }

    private static let table = Table<JoinTokenRecord>([
        Column("ID") { $0.id }, Column("USES LEFT", .right) { "\($0.uses)" },
        Column("EXPIRES") { $0.expiresAt.description }, Column("BY") { $0.createdBy },
    ])
}
