import Arguments
import Core
import ObjectTransfers

/// `apollo blob`.
enum BlobCommand {
    static let command = Command(
        "blob", summary: "Keep data in the platform's object store, which speaks S3",
        discussion: """
            Objects are in buckets, buckets belong to projects. They are named s3://BUCKET/KEY here; anything else is a file. \
            Other programs use the store by S3: 'apollo blob creds create' makes the keys they sign with.

            With --endpoint or --profile the commands do the same with any other S3 store.
            """,
        groups: [BlobStore.group],
        subcommands: [
            BlobBucketCommands.make, BlobBucketCommands.remove, BlobLsCommand.command, BlobCpCommand.copy,
            BlobCpCommand.move, BlobSyncCommand.command, BlobCatCommand.command, BlobStatCommand.command,
            BlobDuCommand.command, BlobRmCommand.command, BlobPresignCommand.command,
            BlobQuotaCommand.command, BlobCredsCommand.command,
        ])

    static let place = ValueType<ObjectPlace>("PLACE", expecting: "s3://BUCKET/KEY, or a path") {
        ObjectPlace(parsing: $0)
    }

    static let object = ValueType<ObjectPlace.Object>("s3://BUCKET/KEY", expecting: "s3://BUCKET/KEY") {
        guard case .object(let object)? = ObjectPlace(parsing: $0), !object.key.isEmpty else { return nil }
        return object
    }

    static let prefix = ValueType<ObjectPlace.Object>(
        "s3://BUCKET/PREFIX", expecting: "s3://BUCKET or s3://BUCKET/PREFIX"
    ) {
        guard case .object(let object)? = ObjectPlace(parsing: $0) else { return nil }
        return object
    }

    static let recursive = Parameter.flag("recursive", short: "r", help: "All that is in a folder.")
}
