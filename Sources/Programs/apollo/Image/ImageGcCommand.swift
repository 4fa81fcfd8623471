import APIClients
import Arguments
import Core
import Documents
import HTTPModel
import ImageMessages
import PlatformClients
import Terminal

/// `apollo image gc`.
enum ImageGcCommand {
    private static let grace = Parameter.option(
        "grace", .duration,
        help:
            "Only what is older; images.grace (a day) unless said. Where it is short pushes that are under way may have to be repeated."
    )
    private static let untagged = Parameter.flag(
        "untagged",
        help: "Images without a tag, too: but for those of an index, and signatures of what is there.")

    static let command = Command(
        "gc", summary: "Collect the garbage of the registry",
        discussion: """
            Layers that no image uses and uploads that nobody has ended are collected once an hour anyway. Takes 'manage' on \
            image://local.
            """,
        parameters: [grace, untagged],
        examples: [Example("old images that no tag has any more", "apollo image gc --untagged")]
    ) { invocation in
        let session = try Session(invocation)
        let request = ImageCollectionRequest(
            grace: invocation[grace].map { $0 / .seconds(1) }, untagged: invocation[untagged])
        let done: ImageCollectionView = try await session.withClient { client in
            try await client.api.decode(
                client.api.unscoped.call(
                    .post, "/images/collect", body: try JSONWriter.bytes(encoding: request)))
        }
        switch session.format {
        case .json: try session.output.writeJSON(done)
        case .table:
            try session.output.write(
                "Removed \(done.blobs) blobs of \(ByteCount(done.bytes)), \(done.manifests) images, \(done.uploads) uploads.\n"
            )
        }
        return .success
    }
}
