import Core
import Identity
import S3Messages
import S3Signatures

/// Who makes a request, and how that was proved.
struct S3Caller: Sendable {
    /// Nil for who does not say: everybody.
    let credential: Credential?
    /// Where buckets that are made belong.
    let project: String
    /// Nil where a token is the proof.
    let signature: RequestSignature?
    let key: SigningKey?
    let access: AccessControl

    /// Who does not say.
    static func anonymous(_ access: AccessControl) -> S3Caller {
        S3Caller(credential: nil, project: "default", signature: nil, key: nil, access: access)
    }

    /// As S3 names principals; nil for who does not say.
    var name: String? { credential.map { S3Owner.id($0.principal) } }

    /// Whose what the caller makes is.
    var owner: String { name ?? "anonymous" }

    /// Whether the caller may do what needs `permission`.
    func may(_ permission: Permission, on resource: ResourceURI) -> Bool {
        credential.map { access.allows($0, permission, on: resource) } ?? false
    }

    /// Whether what a resource says itself may allow the caller something.
    func leavesOpen(_ permission: Permission, on resource: ResourceURI) -> Bool {
        credential.map { access.leavesOpen($0, permission, on: resource) } ?? true
    }

    /// Whether the caller may the same with all that is under `resource` as with itself.
    func isTreatedAlike(below resource: ResourceURI) -> Bool {
        credential.map { access.isTreatedAlike($0, below: resource) } ?? true
    }

    func require(_ permission: Permission, on resource: ResourceURI) throws {
        guard let credential else {
            throw S3Error(.accessDenied, "Access Denied: the request is not signed")
        }
        do throws(ApolloError) {
            try access.check(credential, permission, on: resource)
        } catch {
            throw S3Error(.accessDenied, "Access Denied: \(error.message)")
        }
    }
}
