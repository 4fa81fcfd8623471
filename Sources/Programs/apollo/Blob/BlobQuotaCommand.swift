import APIClients
import AccessKeyMessages
import Arguments
import Core
import Documents
import HTTPModel
import PlatformClients
import Terminal

/// `apollo blob quota`.
enum BlobQuotaCommand {
    static let command = Command(
        "quota", summary: "Say how much buckets and owners have, and may have",
        discussion: """
            A quota bounds the bytes, the objects, or both of a bucket, or of what one owner has in all buckets. Older versions \
            count, and so do the parts of uploads, each copy with all its bytes. Whoever would be over it is refused \
            (QuotaExceeded); what is there already stays, and can be removed or made smaller.
            """,
        subcommands: [list, set, remove])

    private static let subject = ValueType<ObjectQuotaSubject>(
        "s3://BUCKET|OWNER", expecting: "s3://BUCKET, or the name of an owner"
    ) { ObjectQuotaSubject(parsing: $0) }

    /// A bucket, or an owner by name.
    struct ObjectQuotaSubject: Sendable {
        var kind: String
        var name: String

        init?(parsing text: String) {
            let isBucket = text.hasPrefix("s3://")
            kind = isBucket ? "bucket" : "owner"
            name = isBucket ? String(text.dropFirst(5)) : text
            if isBucket, name.hasSuffix("/") { name.removeLast() }
            guard !name.isEmpty, !isBucket || !name.contains("/") else { return nil }
        }

        var path: String { "/objects/quotas/\(kind)/\(APIClient.escape(name))" }
    }

    private static let columns = Table<ObjectUsageView>([
        Column("OF") { ($0.kind == "bucket" ? "s3://" : "") + $0.name.printable },
        Column("SIZE", .right) { "\(ByteCount($0.bytes))" },
        Column("QUOTA", .right) { $0.quota.map { "\(ByteCount($0))" } },
        Column("OBJECTS", .right) { "\($0.objects)" },
        Column("QUOTA", .right) { $0.objectQuota.map { "\($0)" } },
    ])

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List what buckets and owners have, and may have",
        examples: [Example("who has how much?", "apollo blob quota ls")], seeAlso: ["apollo blob du"]
    ) { invocation in
        let session = try Session(invocation)
        try session.output.write(try await session.objectUsages(), as: session.format, columns)
        return .success
    }

    private static let one = Parameter.argument(subject, help: "The bucket, or the owner.")
    private static let bytes = Parameter.option(
        "bytes", .byteCount, help: "The most bytes; no limit unless said.")
    private static let objects = Parameter.option(
        "objects", .integer("N", in: 0...Int64.max), help: "The most objects; no limit unless said.")

    private static let set = Command(
        "set", summary: "Set the most that a bucket or an owner may have",
        discussion: "It takes the place of what was set before.", parameters: [one, bytes, objects],
        examples: [
            Example("a bucket of 50 GiB", "apollo blob quota set s3://reports --bytes 50GiB"),
            Example("a person's", "apollo blob quota set ann --bytes 10GiB --objects 100000"),
        ]
    ) { invocation in
        guard invocation[bytes] != nil || invocation[objects] != nil else {
            throw invocation.usageError(
                "give --bytes, --objects, or both; 'apollo blob quota rm' ends a quota")
        }
        let session = try Session(invocation)
        let request = ObjectQuotaRequest(bytes: invocation[bytes]?.bytes, objects: invocation[objects])
        try session.output.write(
            [try await put(request, invocation[one], session)], as: session.format, columns)
        return .success
    }

    private static let many = Parameter.arguments(subject, help: "The buckets, or the owners.")

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "End quotas", parameters: [many],
        examples: [Example("no limit any more", "apollo blob quota rm s3://reports")]
    ) { invocation in
        let session = try Session(invocation)
        var items: [ObjectUsageView] = []
        for subject in invocation[many] {
            items.append(try await put(ObjectQuotaRequest(), subject, session))
        }
        try session.output.write(items, as: session.format, columns)
        return .success
    }

    private static func put(
        _ request: ObjectQuotaRequest, _ subject: ObjectQuotaSubject, _ session: Session
    ) async throws -> ObjectUsageView {
        try await session.withClient { client in
            try await client.api.decode(
                client.api.unscoped.call(.put, subject.path, body: try JSONWriter.bytes(encoding: request)))
        }
    }
}

extension Session {
    /// What buckets and owners have and may have, as far as the caller may know.
    func objectUsages() async throws -> [ObjectUsageView] {
        try await withClient { client in
            try await client.api.unscoped.all("/objects/quotas") { (page: ObjectUsagePage) in
                (page.items, page.nextCursor)
            }
        }
    }
}
