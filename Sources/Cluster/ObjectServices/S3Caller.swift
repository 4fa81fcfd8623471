import Core
import Identity
import S3Messages
import S3Signatures

/// Who makes a request, and how that was proved.
struct S3Caller: Sendable {
    let credential: Credential
    /// Where buckets that are made belong.
    let project: String
    /// Nil where a token is the proof.
    let signature: RequestSignature?
    let key: SigningKey?
    let access: AccessControl

    /// As S3 names principals.
    var owner: String { S3Owner.id(credential.principal) }

    /// Whether the caller may do what needs `permission`.
    func may(_ permission: Permission, on resource: ResourceURI) -> Bool {
        access.allows(credential, permission, on: resource)
    }

    func require(_ permission: Permission, on resource: ResourceURI) throws {
        do throws(ApolloError) {
            try access.check(credential, permission, on: resource)
        } catch {
            throw S3Error(.accessDenied, "Access Denied: \(error.message)")
        }
    }
}
