import Arguments
import Core
import PlatformClients
import SecretClients
import SecretMessages
import Terminal

/// `apollo secret ls`.
enum SecretLsCommand {
    static let name = Parameter.optionalArgument(
        SecretCommand.handle, help: "List the versions of this secret.")

    static let command = Command(
        "ls", aliases: ["list"], summary: "List secrets, or the versions of one; never what is in them",
        parameters: [name],
        examples: [Example("who has changed it, and when", "apollo secret ls db-password")]
    ) { invocation in
        let session = try Session(invocation)
        if let name = invocation[name] {
            let record = try await session.withClient { try await SecretClient($0.api).record(name) }
            try session.output.write(record.versions, as: session.format, versions)
        } else {
            let records = try await session.withClient { try await SecretClient($0.api).all() }
            try session.output.write(records, as: session.format, secrets)
        }
        return .success
    }

    private static let secrets = Table<SecretRecord>([
        Column("NAME") { $0.name }, Column("VERSION", .right) { "\($0.version)" },
        Column("KEPT", .right) { "\($0.versions.count)" },
        Column("SIZE", .right) { $0.versions.last.map { "\(ByteCount(Int64($0.size)))" } },
        Column("UPDATED") { $0.updatedAt.description }, Column("BY") { $0.updatedBy },
    ])

    private static let versions = Table<SecretVersion>([
        Column("VERSION", .right) { "\($0.version)" },
        Column("SIZE", .right) { "\(ByteCount(Int64($0.size)))" },
        Column("CREATED") { $0.createdAt.description }, Column("BY") { $0.createdBy },
    ])
}
