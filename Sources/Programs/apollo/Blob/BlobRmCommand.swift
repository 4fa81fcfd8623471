import Arguments
import Core
import ObjectClients
import Terminal

/// `apollo blob rm`.
enum BlobRmCommand {
    private static let objects = Parameter.arguments(
        BlobCommand.prefix, help: "The objects; with --recursive all that begin with it.")

    static let command = Command(
        "rm", aliases: ["remove"], summary: "Remove objects",
        discussion: "One that is not there is no failure, as with S3.",
        parameters: [objects, BlobCommand.recursive],
        examples: [
            Example("one", "apollo blob rm s3://reports/2026/11.csv"),
            Example("all of a folder", "apollo blob rm --recursive s3://reports/2025/"),
        ], seeAlso: ["apollo blob rmbucket"]
    ) { invocation in
        let session = try Session(invocation)
        let isRecursive = invocation[BlobCommand.recursive]
        for object in invocation[objects] where object.key.isEmpty && !isRecursive {
            throw invocation.usageError("\(object.text) is a bucket: give --recursive for all that is in it")
        }
        try await session.withObjects { client in
            for object in invocation[objects] {
                guard isRecursive else {
                    try await client.delete(object.bucket, object.key)
                    try session.output.write("\(object.text.printable)\n")
                    continue
                }
                try await BlobListing.forEachPage(client, object, isRecursive: true) { page in
                    for found in page.objects {
                        try await client.delete(object.bucket, found.key)
                        try session.output.write("s3://\(object.bucket)/\(found.key.printable)\n")
                    }
                }
            }
        }
        return .success
    }
}
