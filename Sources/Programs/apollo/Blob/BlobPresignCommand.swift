import Arguments
import Concurrency
import Core
import HTTPModel
import ObjectClients
import ObjectTransfers
import S3Signatures
import Terminal

/// `apollo blob presign`.
enum BlobPresignCommand {
    private static let object = Parameter.argument(BlobCommand.object, help: "The object.")
    private static let age = Parameter.option(
        "age", .duration, help: "How long the address is good for, up to 7 days; an hour unless said.")
    private static let put = Parameter.flag("put", help: "To store the object, rather than to read it.")

    static let command = Command(
        "presign", aliases: ["sign"], summary: "Make an address that anybody may use for a while",
        discussion: """
            It is signed with the access key of the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and good for what \
            that key is good for, until its time is over or the key ends.
            """,
        parameters: [object, age, put],
        examples: [
            Example("for a day", "apollo blob presign s3://reports/2026/11.csv --age 1d"),
            Example("for somebody to send something", "apollo blob presign --put s3://inbox/from-ann"),
        ], seeAlso: ["apollo blob creds"]
    ) { invocation in
        let session = try Session(invocation)
        let place = invocation[object]
        let age = invocation[age] ?? .seconds(3600)
        let seconds = age / .seconds(1)
        guard seconds >= 1, seconds <= Double(RequestSignature.longestURL) else {
            throw invocation.usageError("--age is 1 s to 7 days, not \(age.short)")
        }
        let (signer, endpoint) = try await store(invocation, session)
        let url = signer.url(
            invocation[put] ? .put : .get, endpoint, bucket: place.bucket, key: place.key,
            seconds: Int64(seconds), at: session.now)
        try session.output.write("\(url)\n")
        return .success
    }

    /// The key to sign with, and the store that it is for.
    private static func store(
        _ invocation: Invocation, _ session: Session
    ) async throws -> (RequestSigner, StoreEndpoint) {
        let other = try BlobStore.other(invocation, session)
        var signer = other?.signer
        var endpoint = other?.endpoint
        if other == nil {
            let (address, region) = try await session.objectStore()
            endpoint = StoreEndpoint(address, style: .path)
            signer = try StoreSettings(
                .init(endpoint: address, region: region), variables: session.variables, credentials: nil,
                configuration: nil, process: BlobStore.run
            ).signer
        }
        guard let signer, let endpoint else {
            throw ApolloError(
                .unauthenticated, "no access key is there to sign with",
                hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: 'apollo blob creds create' makes one")
        }
        return (signer, endpoint)
    }
}
