import AuthorityMessages
public import Certificates
public import Core
import Cryptography
public import Databases
public import Identity
import KeyRings

/// A certificate that was just issued.
public struct Issued: Sendable {
    public var certificate: Certificate
    public var principal: Principal
}

extension AuthorityStore {
    /// Makes a token with which `uses` machines may join before it expires.
    public func makeToken(
        uses: Int, lifetime: Duration, by principal: String
    ) async throws -> (token: JoinToken, expiresAt: Timestamp) {
        guard let active = try await trusted().first else {
            throw ApolloError(.unavailable, "there is no certificate authority")
        }
        let now = environment.wallClock.now
        let expiresAt = now.advanced(by: lifetime)
        let token: JoinToken
        do {
            token = try JoinToken.generate(
                environment.identifier(of: JoinTokenKind.self), fingerprint: active.certificate.fingerprint)
        } catch {
            throw error.asApolloError
        }
        try await told {
            try await database.write { transaction in
                try transaction.execute(
                    "DELETE FROM join_tokens WHERE expires_at <= ? OR uses = 0", [DatabaseValue(now)])
                try transaction.execute(
                    """
                    INSERT INTO join_tokens (id, hash, uses, expires_at, created_at, created_by)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                    [
                        DatabaseValue(token.id), .text(token.hash.hex), DatabaseValue(uses),
                        DatabaseValue(expiresAt), DatabaseValue(now), .text(principal),
                    ])
            }
        }
        return (token, expiresAt)
    }

    /// Signs a certificate for the machine `name` that shows `token`, and uses the token up by one, both or neither.
    public func join(_ token: JoinToken, name: String, _ request: SigningRequest) async throws -> Issued {
        let principal = try Principal(.node, realm: "local", name: name)
        let now = environment.wallClock.now
        let keys = keys
        return try await spend(token) { transaction in
            let taken = try transaction.first(
                """
                SELECT serial_number FROM certificates WHERE principal = ? AND not_after > ? AND revoked_at IS NULL LIMIT 1
                """, [.text("\(principal)"), DatabaseValue(now)])
            if taken != nil {
                throw ApolloError(
                    .exists, "a machine called '\(name)' has joined already",
                    hint: "choose another name, or revoke its certificate: see 'apollo ca ls'")
            }
            return try Self.issue(request, principal, at: now, keys, transaction)
        }
    }

    /// Uses `token` up by one and does `body`, both or neither.
    public func spend<Value: Sendable>(
        _ token: JoinToken, _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        let known = try await trusted()
        guard known.contains(where: { $0.certificate.fingerprint == token.fingerprint }) else {
            throw ApolloError(
                .unauthenticated,
                "the join token is of another platform, or of an authority that was replaced",
                hint: "make a new one here with 'apollo node token create'")
        }
        let now = environment.wallClock.now
        return try await told {
            try await database.write { transaction in
                try Self.use(token, at: now, transaction)
                return try body(transaction)
            }
        }
    }

    private static func use(
        _ token: JoinToken, at now: Timestamp, _ transaction: borrowing Transaction
    ) throws {
        let row = try transaction.first(
            "SELECT hash, uses, expires_at FROM join_tokens WHERE id = ?", [DatabaseValue(token.id)])
        let again = "make a new one with 'apollo node token create'"
        guard let row, let hash = SHA256Digest(hex: try row.get("hash")),
            hash.isEqualInConstantTime(to: token.hash)
        else { throw ApolloError(.unauthenticated, "the join token is not known", hint: again) }
        let expires: Timestamp = try row.get("expires_at")
        guard now < expires else {
            throw ApolloError(.unauthenticated, "the join token expired at \(expires)", hint: again)
        }
        let used = try transaction.execute(
            "UPDATE join_tokens SET uses = uses - 1 WHERE id = ? AND uses > 0", [DatabaseValue(token.id)])
        guard used == 1 else {
            throw ApolloError(.unauthenticated, "the join token is used up", hint: again)
        }
    }

    /// Signs the next certificate of a machine that proves to have the key of the one before.
    public func renew(
        _ chain: [Certificate], _ request: SigningRequest, signedAt time: Timestamp, signature: [UInt8]
    ) async throws -> Issued {
        let now = environment.wallClock.now
        let principal = try await verify(chain, for: .client)
        guard let certificate = chain.first,
            certificate.isSignature(signature, of: RenewalProof.message(for: request, at: time))
        else {
            throw ApolloError(
                .unauthenticated, "the request to renew is not signed by the certificate's key",
                hint: "sign it with the key of the certificate that is to be renewed")
        }
        let difference = time.duration(to: now)
        guard abs(difference.inSeconds) <= RenewalProof.skew.inSeconds else {
            throw ApolloError(
                .unauthenticated,
                "the request to renew was signed at \(time), and it is \(now) here: one of the clocks is wrong",
                hint: "set the clocks of both machines, such as by NTP")
        }
        let keys = keys
        return try await told {
            try await database.write { transaction in
                try Self.issue(request, principal, at: now, keys, transaction)
            }
        }
    }

    /// Signs a certificate for a part of the platform itself, such as the manager that machines call.
    public func certify(service name: String, _ request: SigningRequest) async throws -> Issued {
        let principal = try Principal(.service, realm: "local", name: name)
        _ = try await trusted()
        let now = environment.wallClock.now
        let keys = keys
        return try await told {
            try await database.write { transaction in
                try Self.issue(request, principal, at: now, keys, transaction)
            }
        }
    }

    /// Signs a certificate for the server of the platform's API, which is reached by `names`. It is good for nothing else:
    /// whoever has it is nobody as a client.
    public func certify(server names: [AlternativeName], _ request: SigningRequest) async throws -> Issued {
        let principal = try Principal(.service, realm: "local", name: "http")
        _ = try await trusted()
        let now = environment.wallClock.now
        let keys = keys
        let terms = CertificateTerms(principal, usages: [.server], names: names)
        return try await told {
            try await database.write { transaction in
                try Self.issue(request, terms, at: now, keys, transaction)
            }
        }
    }

    /// Whom a certificate that was shown is for, if it is to be believed now.
    public func verify(_ chain: [Certificate], for usage: CertificateUsage) async throws -> Principal {
        let authorities = try await trusted().map(\.certificate)
        let revoked = try await revokedSerials()
        let now = environment.wallClock.now
        return try await told {
            try CertificateVerifier(authorities: authorities, revoked: revoked)
                .verify(chain, for: usage, at: now)
        }
    }

    private static func issue(
        _ request: SigningRequest, _ principal: Principal, at now: Timestamp, _ keys: KeyRing,
        _ transaction: borrowing Transaction
    ) throws -> Issued {
        // No name of a host: it could then pose as the platform to people. Machines know one another by the URI; libraries
        // that insist on a name are told this one.
        let name = AlternativeName.host("\(principal.name).\(principal.kind.rawValue).apollo.internal")
        return try issue(
            request, CertificateTerms(principal, usages: [.server, .client], names: [name]), at: now, keys,
            transaction)
    }

    private static func issue(
        _ request: SigningRequest, _ terms: CertificateTerms, at now: Timestamp, _ keys: KeyRing,
        _ transaction: borrowing Transaction
    ) throws -> Issued {
        let certificate = try signing(keys, transaction).issue(request, terms, at: now)
        try transaction.execute(
            "DELETE FROM certificates WHERE not_after <= ?",
            [DatabaseValue(now.advanced(by: .zero - CertificateTerms.defaultLifetime))])
        try transaction.execute(
            "INSERT INTO certificates (serial_number, principal, issued_at, not_after) VALUES (?, ?, ?, ?)",
            [
                .text(certificate.serial), .text("\(terms.principal)"), DatabaseValue(now),
                DatabaseValue(certificate.notAfter),
            ])
        return Issued(certificate: certificate, principal: terms.principal)
    }
}
