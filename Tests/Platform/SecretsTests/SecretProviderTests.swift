import ClusterModel
import Concurrency
import Core
import Databases
import KeyRings
import Secrets
import Synchronization
import TaskRuntimes
import Telemetry
import TestDatabases
import Testing

private final class KeptAudit: AuditSink {
    let records = Mutex<[AuditRecord]>([])
    let isFull: Bool

    init(isFull: Bool = false) { self.isFull = isFull }

    func record(_ record: AuditRecord) async throws {
        if isFull { throw ApolloError(.exhausted, "the disk is full") }
        records.withLock { $0.append(record) }
    }
}

@Suite(.everyDatabase) struct SecretProviderTests {
    private let environment = Environment.live
    private let recipient = SecretRecipient(
        task: TaskID(time: Timestamp(microseconds: 0), random: 1),
        attempt: AttemptID(time: Timestamp(microseconds: 0), random: 2), project: "p", node: "one",
        peer: "local")

    private func withProvider(
        _ audit: KeptAudit, _ body: (SecretProvider) async throws -> Void
    ) async throws {
        let database = try await TestDatabase.open(environment: .live)
        for migrations in [KeyRing.migrations, SecretStore.migrations] {
            try await migrations.apply(to: database, clock: environment.wallClock)
        }
        let key = try MasterKey.generate().text
        let keys = try await KeyRing.open(.command("echo \(key)"), database, environment: environment)
        let store = SecretStore(database, keys: keys, clock: environment.wallClock)
        for text in ["first", "second"] {
            _ = try await store.set("db", in: "p", SecretBytes(Array(text.utf8)), by: "a")
        }
        try await body(SecretProvider(store, audit: audit, environment: environment))
        await database.close()
    }

    @Test func `what is given is recorded with its version, and to whom`() async throws {
        let audit = KeptAudit()
        try await withProvider(audit) { provider in
            let references = [SecretReference(name: "db"), SecretReference(name: "db", version: 1)]
            let values = try await provider.values(of: references, for: recipient)
            #expect(values == ["second", "first"].map { SecretBytes(Array($0.utf8)) })
        }
        let records = audit.records.withLock { $0 }
        #expect(records.map(\.resource) == Array(repeating: "secret://local/default/p/db", count: 2))
        #expect(records.allSatisfy { $0.principal == "node://local/one" && $0.outcome == .succeeded })
        let to = "to task \(recipient.task), attempt \(recipient.attempt)"
        #expect(records.map(\.reason) == ["version 2, \(to)", "version 1, \(to)"])
        #expect(Set(records.map(\.requestID)).count == 2)
    }

    @Test func `a worker is told which secret is missing, and so is the record`() async throws {
        let audit = KeptAudit()
        try await withProvider(audit) { provider in
            await #expect {
                try await provider.values(of: [SecretReference(name: "db", version: 9)], for: recipient)
            } throws: { error in
                guard case .rejected(let message, _)? = error as? RuntimeError else { return false }
                return message.contains("no version 9")
            }
        }
        #expect(audit.records.withLock { $0.map(\.outcome) } == [.failed])
    }

    @Test func `nothing is given that cannot be recorded`() async throws {
        try await withProvider(KeptAudit(isFull: true)) { provider in
            await #expect {
                try await provider.values(of: [SecretReference(name: "db")], for: recipient)
            } throws: { error in
                guard case .unavailable(let message, _)? = error as? RuntimeError else { return false }
                return message.contains("the disk is full")
            }
        }
    }
}
