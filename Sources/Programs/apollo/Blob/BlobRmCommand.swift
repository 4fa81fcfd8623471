import Arguments
import Core
import ObjectClients
import ObjectTransfers
import Terminal

/// `apollo blob rm`.
enum BlobRmCommand {
    private static let objects = Parameter.arguments(
        BlobCommand.prefix,
        help: "The objects, where keys may be patterns; with --recursive all that is in the folder.")
    static let command = Command(
        "rm", aliases: ["remove"], summary: "Remove objects",
        discussion: "One that is not there is no failure, as with S3; a pattern that matches nothing is. "
            + BlobTransfers.globText,
        parameters: [
            objects, BlobCommand.recursive, BlobTransfers.include, BlobTransfers.exclude,
            BlobTransfers.dryRun,
        ],
        examples: [
            Example("one", "apollo blob rm s3://reports/2026/11.csv"),
            Example("all that match", "apollo blob rm 's3://reports/2026/*.csv'"),
            Example("all of a folder", "apollo blob rm --recursive s3://reports/2025/"),
        ], seeAlso: ["apollo blob rmbucket"]
    ) { invocation in
        let session = try Session(invocation)
        let isRecursive = invocation[BlobCommand.recursive]
        for object in invocation[objects] where object.isPrefix && !isRecursive {
            let what = object.key.isEmpty ? "bucket" : "folder"
            throw invocation.usageError(
                "\(object.text) is a \(what): give --recursive for all that is in it")
        }
        let filter = BlobTransfers.filter(invocation)
        let isDryRun = invocation[BlobTransfers.dryRun]
        let removed = try await session.withObjects(invocation) { client in
            var removed: [TransferStep] = []
            for place in invocation[objects] {
                guard isRecursive else {
                    let found = try await ObjectListing.expand(client, place).map(\.object.key)
                    removed += try await remove(
                        found.filter { filter.takes(ObjectPlace.lastName($0)) }, place.bucket, client,
                        session,
                        isDryRun)
                    continue
                }
                // Itself, where there is an object of this name, and the folder; not what only begins alike.
                let folder = place.folder.key
                try await ObjectListing.forEachPage(client, place, isRecursive: true) { page in
                    let keys = page.objects.map(\.key).filter { key in
                        guard key.utf8.starts(with: folder.utf8) else { return key == place.key }
                        let name = key.utf8.dropFirst(folder.utf8.count)
                        return filter.takes(String(decoding: name, as: UTF8.self))
                    }
                    removed += try await remove(keys, place.bucket, client, session, isDryRun)
                }
            }
            return removed
        }
        if session.format == .json { try BlobTransfers.tell(removed, session) }
        return .success
    }

    private static func remove(
        _ keys: [String], _ bucket: String, _ client: ObjectClient, _ session: Session, _ isDryRun: Bool
    ) async throws -> [TransferStep] {
        var removed: [TransferStep] = []
        var rest = keys[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(ObjectClient.mostDeletions))
            rest = rest.dropFirst(some.count)
            var failures: [(key: String, reason: String)] = []
            if !isDryRun {
                if some.count == 1 {
                    try await client.delete(bucket, some[0])
                } else {
                    failures = try await client.delete(bucket, some)
                }
            }
            let failed = Set(failures.map(\.key))
            let steps = some.filter { !failed.contains($0) }.map {
                TransferStep(.removeObject(ObjectPlace.Object(bucket: bucket, key: $0)))
            }
            // As they go; a document is written as a whole.
            if session.format == .table { try BlobTransfers.tell(steps, session, isDryRun: isDryRun) }
            removed += steps
            if let first = failures.first {
                throw ApolloError(
                    .denied,
                    "\(failures.count) were not removed; s3://\(bucket)/\(first.key): \(first.reason)")
            }
        }
        return removed
    }
}
