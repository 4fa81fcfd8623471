import Arguments
import Core
import ObjectClients
import Terminal

/// `apollo blob mkbucket` and `rmbucket`.
enum BlobBucketCommands {
    private static let name = ValueType<String>("BUCKET", expecting: "a bucket's name") { text in
        let bare = text.hasPrefix("s3://") ? String(text.dropFirst(5)) : text
        return bare.isEmpty || bare.contains("/") ? nil : bare
    }
    private static let names = Parameter.arguments(name, help: "The buckets.")

    static let make = Command(
        "mkbucket", aliases: ["mb"], summary: "Make buckets",
        discussion: """
            A name has 3 to 63 lower-case letters, digits, dots and hyphens, and is unique on the platform. The bucket \
            belongs to the project.
            """,
        parameters: [names], examples: [Example("a place for reports", "apollo blob mkbucket reports")]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withObjects(invocation) { client in
            for name in invocation[names] {
                try await client.createBucket(name)
                try session.output.write("\(name.printable)\n")
            }
        }
        return .success
    }

    static let remove = Command(
        "rmbucket", aliases: ["rb"], summary: "Remove empty buckets", parameters: [names],
        examples: [Example("it is not needed any more", "apollo blob rmbucket reports")],
        seeAlso: ["apollo blob rm"]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withObjects(invocation) { client in
            for name in invocation[names] {
                try await client.deleteBucket(name)
                try session.output.write("\(name.printable)\n")
            }
        }
        return .success
    }
}
