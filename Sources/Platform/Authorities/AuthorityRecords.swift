public import AuthorityMessages
import Certificates
import Core
import Databases
import Identity

// What is known of tokens and certificates, and their end.
extension AuthorityStore {
    /// The tokens that can be used, the newest first.
    public func tokens() async throws -> [JoinTokenRecord] {
        let now = environment.wallClock.now
        return try await told {
            try await database.read { transaction in
                try transaction.query(
                    """
                    SELECT * FROM join_tokens WHERE expires_at > ? AND uses > 0 ORDER BY created_at DESC LIMIT 1000
                    """, [DatabaseValue(now)]
                ).map { row in
                    JoinTokenRecord(
                        id: try row.get("id"), expiresAt: try row.get("expires_at"),
                        uses: try row.get("uses"),
                        createdAt: try row.get("created_at"), createdBy: try row.get("created_by"))
                }
            }
        }
    }

    public func removeToken(_ id: String) async throws {
        let removed = try await told {
            try await database.write { transaction in
                try transaction.execute("DELETE FROM join_tokens WHERE id = ?", [.text(id)])
            }
        }
        guard removed == 1 else {
            throw ApolloError(.notFound, "no join token '\(id)'", hint: "'apollo node token ls' lists them")
        }
    }

    /// The certificates that were issued, the newest first.
    public func certificates() async throws -> [IssuedCertificate] {
        try await told {
            try await database.read { transaction in
                try transaction.query("SELECT * FROM certificates ORDER BY issued_at DESC LIMIT 1000").map {
                    row in
                    IssuedCertificate(
                        serial: try row.get("serial_number"), principal: try row.get("principal"),
                        issuedAt: try row.get("issued_at"), notAfter: try row.get("not_after"),
                        revokedAt: try row.get("revoked_at"))
                }
            }
        }
    }

    /// Calls a certificate back: from now on it is refused.
    public func revoke(_ serial: String) async throws {
        let now = environment.wallClock.now
        let found = try await told {
            try await database.write { transaction in
                try transaction.execute(
                    "UPDATE certificates SET revoked_at = COALESCE(revoked_at, ?) WHERE serial_number = ?",
                    [DatabaseValue(now), .text(serial)])
            }
        }
        guard found == 1 else {
            throw ApolloError(
                .notFound, "no certificate with the serial number '\(serial)'",
                hint: "'apollo ca ls' lists them")
        }
        await observers.notify()
    }

    /// Calls back all certificates of a node; none is well, too.
    public func revoke(node name: String) async throws {
        let now = environment.wallClock.now
        let principal = try Principal(.node, realm: "local", name: name).description
        let found = try await told {
            try await database.write { transaction in
                try transaction.execute(
                    "UPDATE certificates SET revoked_at = ? WHERE principal = ? AND revoked_at IS NULL",
                    [DatabaseValue(now), .text(principal)])
            }
        }
        if found > 0 { await observers.notify() }
    }

    /// Whether the certificate was called back.
    public func isRevoked(_ serial: String) async throws -> Bool {
        try await told {
            try await database.read { transaction in
                try transaction.first(
                    "SELECT 1 AS one FROM certificates WHERE serial_number = ? AND revoked_at IS NOT NULL",
                    [.text(serial)]) != nil
            }
        }
    }

    func revokedSerials() async throws -> Set<String> {
        try await told {
            try await database.read { transaction in
                var serials: Set<String> = []
                try transaction.forEachRow(
                    "SELECT serial_number FROM certificates WHERE revoked_at IS NOT NULL"
                ) {
                    serials.insert(try $0.get("serial_number"))
                }
                return serials
            }
        }
    }
}
