import APIClients
import Arguments
import Core
import Documents
import HTTPModel
import ImageMessages
import PlatformClients
import Terminal

/// `apollo image quota`.
enum ImageQuotaCommand {
    static let command = Command(
        "quota", summary: "Say how much the images of projects have, and may have",
        discussion: """
            A quota bounds the bytes of all images of a project; layers that several of them share count once. Whoever pushes more is \
            refused (DENIED); what is there already stays. Projects of which none is set have what the setting images.quota says. \
            'apollo blob quota' bounds buckets.
            """,
        subcommands: [list, set, remove])

    private static let columns = Table<ImageUsageView>([
        Column("PROJECT") { $0.project },
        Column("REPOSITORIES", .right) { "\($0.repositories)" },
        Column("SIZE", .right) { "\(ByteCount($0.bytes))" },
        Column("QUOTA", .right) { $0.quota.map { "\(ByteCount($0))" } },
    ])

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List what the images of projects have, and may have",
        discussion: "Projects whose images you may list, and that have some, or a quota of their own.",
        examples: [Example("which project has how much?", "apollo image quota ls")]
    ) { invocation in
        let session = try Session(invocation)
        let usages = try await session.withClient { client in
            try await client.api.unscoped.all("/images/quotas") { (page: ImageUsagePage) in
                (page.items, page.nextCursor)
            }
        }
        try session.output.write(usages, as: session.format, columns)
        return .success
    }

    private static let project = Parameter.argument(.text("PROJECT"), help: "Whose images they are.")
    private static let bytes = Parameter.option("bytes", .byteCount, help: "The most bytes.")

    private static let set = Command(
        "set", summary: "Set the most that the images of a project have",
        discussion: "It takes the place of what was set before. Takes 'manage' on image://local.",
        parameters: [project, bytes],
        examples: [Example("50 GiB for the images of a project", "apollo image quota set shop --bytes 50GiB")]
    ) { invocation in
        guard let bytes = invocation[bytes] else {
            throw invocation.usageError(
                "say how much: --bytes SIZE; 'apollo image quota rm' ends the quota of a project")
        }
        let session = try Session(invocation)
        try session.output.write(
            [try await put(ImageQuotaRequest(bytes: bytes.bytes), invocation[project], session)],
            as: session.format, columns)
        return .success
    }

    private static let projects = Parameter.arguments(.text("PROJECT"), help: "Whose images they are.")

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "End the quotas of projects",
        discussion: "They have what the setting images.quota says. Takes 'manage' on image://local.",
        parameters: [projects],
        examples: [Example("as all others", "apollo image quota rm shop")]
    ) { invocation in
        let session = try Session(invocation)
        var items: [ImageUsageView] = []
        for project in invocation[projects] {
            items.append(try await put(ImageQuotaRequest(), project, session))
        }
        try session.output.write(items, as: session.format, columns)
        return .success
    }

    private static func put(
        _ request: ImageQuotaRequest, _ project: String, _ session: Session
    ) async throws -> ImageUsageView {
        try await session.withClient { client in
            try await client.api.decode(
                client.api.unscoped.call(
                    .put, "/images/quotas/\(APIClient.escape(project))",
                    body: try JSONWriter.bytes(encoding: request)))
        }
    }
}
