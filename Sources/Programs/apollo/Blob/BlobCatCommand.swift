import Arguments
import Concurrency
import Core
import Glibc
import ObjectClients
import ObjectTransfers
import Terminal

/// `apollo blob cat`.
enum BlobCatCommand {
    private static let objects = Parameter.arguments(
        BlobCommand.object, help: "The objects; keys may be patterns.")

    static let command = Command(
        "cat", summary: "Write what is in objects to standard output", parameters: [objects],
        examples: [Example("the first lines", "apollo blob cat s3://reports/2026/11.csv | head")]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withObjects(invocation) { client in
            let transfers = Transfers(client, parallel: 1, journals: nil, environment: .live)
            for place in invocation[objects] {
                for (object, _) in try await ObjectListing.expand(client, place) {
                    try await transfers.read(object) { piece in
                        try LocalFiles.write(piece, to: STDOUT_FILENO, "standard output")
                    }
                }
            }
        }
        return .success
    }
}
