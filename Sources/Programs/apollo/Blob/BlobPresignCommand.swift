import Arguments
import Concurrency
import Core
import HTTPModel
import ObjectClients
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
        guard let key = session.variables["AWS_ACCESS_KEY_ID"], !key.isEmpty,
            let secret = session.variables["AWS_SECRET_ACCESS_KEY"], !secret.isEmpty
        else {
            throw ApolloError(
                .unauthenticated, "no access key is there to sign with",
                hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: 'apollo blob creds create' makes one")
        }
        let age = invocation[age] ?? .seconds(3600)
        let seconds = age / .seconds(1)
        guard seconds >= 1, seconds <= Double(RequestSignature.longestURL) else {
            throw invocation.usageError("--age is 1 s to 7 days, not \(age.short)")
        }
        let (address, region) = try await session.objectStore()
        let signer = RequestSigner(
            accessKey: key, secret: SecretBytes(Array(secret.utf8)), region: region)
        let url = signer.url(
            invocation[put] ? .put : .get, address, bucket: invocation[object].bucket,
            key: invocation[object].key, seconds: Int64(seconds), at: session.now)
        try session.output.write("\(url)\n")
        return .success
    }
}
