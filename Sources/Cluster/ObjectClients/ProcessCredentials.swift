import Core
import Documents

/// What a `credential_process` writes: a key of the moment ("Sourcing credentials with an external process", AWS CLI).
struct ProcessCredentials: Hashable, Sendable {
    var key: String
    var secret: String
    var session: String?

    private struct Document: Decodable {
        var version: Int
        var key: String
        var secret: String
        var session: String?

        enum CodingKeys: String, CodingKey {
            case version = "Version"
            case key = "AccessKeyId"
            case secret = "SecretAccessKey"
            case session = "SessionToken"
        }
    }

    /// - Throws: ``ApolloError`` of kind `invalid`, which says nothing of what was written: keys may be in it.
    init(_ output: [UInt8], profile: String) throws(ApolloError) {
        do {
            let document = try JSONReader.decode(Document.self, from: output)
            guard document.version == 1, !document.key.isEmpty, !document.secret.isEmpty else {
                throw Self.fault(profile)
            }
            (key, secret) = (document.key, document.secret)
            session = document.session.flatMap { $0.isEmpty ? nil : $0 }
        } catch {
            throw Self.fault(profile)  // Whatever was wrong with it.
        }
    }

    private static func fault(_ profile: String) -> ApolloError {
        ApolloError(
            .invalid, "what the credential_process of the profile '\(profile)' writes is no key",
            hint: "it has to write a JSON object with Version 1, AccessKeyId and SecretAccessKey")
    }
}
