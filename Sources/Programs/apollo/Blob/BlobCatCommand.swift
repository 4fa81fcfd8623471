import Arguments
import Core
import Glibc
import ObjectClients
import Terminal

/// `apollo blob cat`.
enum BlobCatCommand {
    private static let objects = Parameter.arguments(BlobCommand.object, help: "The objects.")

    static let command = Command(
        "cat", summary: "Write what is in objects to standard output", parameters: [objects],
        examples: [Example("the first lines", "apollo blob cat s3://reports/2026/11.csv | head")]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withObjects { client in
            for object in invocation[objects] {
                try await BlobTransfer.read(client, object) { piece in
                    try BlobFiles.write(piece, to: STDOUT_FILENO, "standard output")
                }
            }
        }
        return .success
    }
}
