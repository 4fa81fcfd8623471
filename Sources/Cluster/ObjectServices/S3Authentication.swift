import AccessKeys
import Core
import HTTPModel
import Identity
import S3Messages
import S3Signatures

/// Tells who sends a request: by its signature, or by a token of the platform.
struct S3Authentication: Sendable {
    let keys: AccessKeyStore
    let access: AccessControl
    let clock: any WallClock

    /// With a token of the platform: the project that it is about.
    private static let projectField = "x-apollo-project"

    /// - Parameter payload: what the request says of its body.
    func caller(
        _ request: HTTPRequest, _ address: S3Address, _ query: RequestQuery, _ payload: PayloadKind
    ) throws -> S3Caller {
        let now = clock.now
        if let field = request.fields["Authorization"], field.prefix(7).lowercased() == "bearer " {
            do throws(ApolloError) {
                return S3Caller(
                    credential: try access.authenticate(authorization: field, at: now),
                    project: request.fields[Self.projectField] ?? "default", signature: nil, key: nil,
                    access: access)
            } catch {
                throw S3Error(.accessDenied, "Access Denied: \(error.message)")
            }
        }
        let parts = SignedParts(
            method: request.method.rawValue, path: address.path, query: query, fields: request.fields)
        let isURL = query.contains("X-Amz-Algorithm")
        do {
            guard let signature = try RequestSignature.find(parts) else { return .anonymous(access) }
            return try verify(signature, parts, payload, at: now)
        } catch let error as SignatureError {
            throw Self.refusal(error, isURL: isURL)
        }
    }

    private func verify(
        _ signature: RequestSignature, _ parts: SignedParts, _ payload: PayloadKind, at now: Timestamp
    ) throws -> S3Caller {
        if signature.place == .field, !parts.fields.contains(PayloadKind.field) {
            throw S3Error(
                .invalidRequest, "Missing required header for this request: \(PayloadKind.field)")
        }
        guard let found = try keys.find(signature.accessKey) else { throw Self.unknownKey }
        let text = signature.place == .field ? payload.text : parts.fields[PayloadKind.field]
        let key = try signature.verify(
            parts, secret: found.secret, payload: text ?? RequestSigner.unsignedPayload, at: now)
        return try caller(found.record, signature: signature, key: key)
    }

    /// Who signed a form, by its fields; nil where it is not signed.
    func caller(form: [String: String]) throws -> S3Caller? {
        do {
            guard let signature = try FormSignature.find(form) else { return nil }
            guard let found = try keys.find(signature.accessKey) else { throw Self.unknownKey }
            try signature.verify(secret: found.secret)
            return try caller(found.record, signature: nil, key: nil)
        } catch let error as SignatureError {
            if case .malformed(let reason) = error { throw S3Error(.invalidArgument, reason) }
            throw Self.refusal(error, isURL: false)
        }
    }

    private static let unknownKey = S3Error(
        .invalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records.")

    private func caller(
        _ record: AccessKeyRecord, signature: RequestSignature?, key: SigningKey?
    ) throws -> S3Caller {
        do throws(ApolloError) {
            let credential = try access.authenticate(verified: record.stored, at: clock.now)
            return S3Caller(
                credential: credential, project: record.project, signature: signature, key: key,
                access: access)
        } catch {
            throw S3Error(.accessDenied, "Access Denied: \(error.message)")
        }
    }

    private static func refusal(_ error: SignatureError, isURL: Bool) -> S3Error {
        switch error {
        case .malformed(let reason):
            S3Error(isURL ? .authorizationQueryParametersError : .authorizationHeaderMalformed, reason)
        case .unsupported:
            S3Error(
                .invalidRequest,
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
            )
        case .skewed:
            S3Error(
                .requestTimeTooSkewed,
                "The difference between the request time and the current time is too large.")
        case .expired: S3Error(.accessDenied, "Request has expired")
        case .unsigned(let name):
            S3Error(
                .accessDenied, "There were headers present in the request which were not signed: \(name)")
        case .mismatch:
            S3Error(
                .signatureDoesNotMatch,
                "The request signature we calculated does not match the signature you provided. Check your key and signing method."
            )
        }
    }
}
