import APIClients
import AccessKeyMessages
import Arguments
import Core
import Documents
import HTTPModel
import PlatformClients
import Terminal

/// `apollo blob creds`.
enum BlobCredsCommand {
    static let command = Command(
        "creds", summary: "Give S3 clients keys of their own",
        discussion: """
            A key belongs to who makes it: it is worth what its owner is, less what --permission and --on leave out, and \
            nothing once its owner is removed or disabled. Buckets that are made with it belong to its project.
            """,
        subcommands: [create, list, remove])

    private static let note = Parameter.argument(.text("NOTE"), help: "What it is for.")
    private static let age = Parameter.option(
        "age", .duration, help: "How long it is good for; until it is removed unless said.")

    private static let create = Command(
        "create", summary: "Make an access key; its secret is shown this once",
        parameters: [note, age, CredentialLimits.level, CredentialLimits.resources],
        examples: [
            Example("for awscli", "apollo blob creds create laptop >> ~/.aws/credentials"),
            Example(
                "to read one folder",
                "apollo blob creds create viewer --permission read --on blob://local/default/default/reports/2026"
            ),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let resources = invocation[CredentialLimits.resources]
        let request = AccessKeyRequest(
            note: invocation[note], age: invocation[age].map { $0 / .seconds(1) },
            permission: invocation[CredentialLimits.level],
            resources: resources.isEmpty ? nil : resources)
        let key: AccessKeyView = try await session.withClient { client in
            try await client.api.decode(
                client.api.call(
                    .post, "/access-keys", body: try JSONWriter.bytes(encoding: request)))
        }
        switch session.format {
        case .json: try session.output.writeJSON(key)
        case .table:
            let until = key.expires.map { "\($0)" } ?? "it is removed"
            try session.errors.write(
                "Access key of \(key.principal), good until \(until); its secret is shown this once:\n")
            // As the files of S3's tools have it.
            try session.output.write(
                "[apollo]\naws_access_key_id = \(key.id)\naws_secret_access_key = \(key.secret ?? "")\n")
        }
        return .success
    }

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List access keys, without their secrets",
        examples: [Example("what have I given out?", "apollo blob creds ls")]
    ) { invocation in
        let session = try Session(invocation)
        let keys = try await session.withClient { client in
            try await client.api.unscoped.all("/access-keys") { (page: AccessKeyPage) in
                (page.items, page.nextCursor)
            }
        }
        try session.output.write(
            keys, as: session.format,
            Table<AccessKeyView>([
                Column("KEY") { $0.id }, Column("OF") { $0.principal }, Column("PROJECT") { $0.project },
                Column("NOTE") { $0.note.printable },
                Column("GOOD FOR") { ([$0.permission] + $0.resources).joined(separator: " ") },
                Column("CREATED") { "\($0.createdAt)" }, Column("UNTIL") { $0.expires.map { "\($0)" } },
            ]))
        return .success
    }

    private static let ids = Parameter.arguments(.text("KEY"), help: "The keys, by their ids.")

    private static let remove = Command(
        "rm", aliases: ["remove", "revoke"], summary: "End access keys", parameters: [ids],
        examples: [Example("end it", "apollo blob creds rm APLKABCDEFGHIJKLMNOP")]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withClient { client in
            for id in invocation[ids] {
                _ = try await client.api.unscoped.call(.delete, "/access-keys/\(APIClient.escape(id))")
                try session.output.write("\(id.printable)\n")
            }
        }
        return .success
    }
}
