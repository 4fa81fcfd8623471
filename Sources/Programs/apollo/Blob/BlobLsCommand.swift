import Arguments
import Core
import ObjectClients
import ObjectTransfers
import Terminal

/// `apollo blob ls`.
enum BlobLsCommand {
    private static let place = Parameter.optionalArgument(
        BlobCommand.prefix, help: "List what begins with it, rather than buckets.")

    /// A line of a listing.
    struct Entry: Sendable, Encodable {
        var key: String
        /// Nil for what many keys have in common.
        var size: Int64?
        var modified: String?
        var tag: String?
    }

    static let command = Command(
        "ls", aliases: ["list"], summary: "List buckets, or the objects in one",
        discussion:
            "Without --recursive keys are listed up to the first slash behind PREFIX, as folders are.",
        parameters: [place, BlobCommand.recursive],
        examples: [
            Example("the buckets", "apollo blob ls"),
            Example("a folder", "apollo blob ls s3://reports/2026/"),
            Example("everything in it", "apollo blob ls --recursive s3://reports"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        guard let place = invocation[place] else {
            let buckets = try await session.withObjects(invocation) { try await $0.buckets() }
            try session.output.write(
                buckets, as: session.format,
                Table<BucketSummary>([
                    Column("BUCKET") { $0.name.printable }, Column("CREATED") { $0.createdAt },
                ]))
            return .success
        }
        let isRecursive = invocation[BlobCommand.recursive]
        let entries = try await session.withObjects(invocation) { client in
            var entries: [Entry] = []
            try await ObjectListing.forEachPage(client, place, isRecursive: isRecursive) { page in
                entries += page.prefixes.map { Entry(key: $0) }
                entries += page.objects.map {
                    Entry(key: $0.key, size: $0.size, modified: $0.modified, tag: $0.tag)
                }
            }
            return entries
        }
        try session.output.write(
            entries, as: session.format,
            Table<Entry>([
                Column("KEY") { $0.key.printable },
                Column("SIZE", .right) { $0.size.map { "\(ByteCount($0))" } },
                Column("MODIFIED") { $0.modified },
            ]))
        return .success
    }
}
