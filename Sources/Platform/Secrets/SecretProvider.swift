public import ClusterModel
public import Core
public import TaskRuntimes
public import Telemetry

/// Gives workers the secrets of what they start. Each that is given has an audit record before it is.
public struct SecretProvider: SecretSource {
    /// What records call it.
    public static let action = "deliverSecret"

    private let store: SecretStore
    private let audit: any AuditSink
    private let environment: Environment

    public init(_ store: SecretStore, audit: any AuditSink, environment: Environment) {
        self.store = store
        self.audit = audit
        self.environment = environment
    }

    public func values(
        of references: [SecretReference], for recipient: SecretRecipient
    ) async throws(RuntimeError) -> [SecretBytes] {
        var values: [SecretBytes] = []
        for reference in references {
            do {
                let (version, secret) = try await store.value(
                    reference.name, in: recipient.project, version: reference.version)
                try await record(reference, "version \(version)", .succeeded, recipient)
                values.append(secret)
            } catch is CancellationError {
                throw .cancelled
            } catch let error as ApolloError where error.kind == .notFound {
                try await record(reference, error.message, .failed, recipient)
                throw .rejected(error.message, hint: error.hint)
            } catch {
                throw Self.unavailable(reference, error)
            }
        }
        return values
    }

    /// Nobody is given what cannot be recorded.
    private func record(
        _ reference: SecretReference, _ what: String, _ outcome: AuditRecord.Outcome,
        _ recipient: SecretRecipient
    ) async throws(RuntimeError) {
        let record = AuditRecord(
            time: environment.wallClock.now, principal: "node://local/\(recipient.node)",
            action: Self.action, resource: "secret://local/default/\(recipient.project)/\(reference.name)",
            outcome: outcome, reason: "\(what), to task \(recipient.task), attempt \(recipient.attempt)",
            requestID: environment.identifier(of: AttemptKind.self).text, peer: recipient.peer)
        do {
            try await audit.record(record)
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw Self.unavailable(reference, error)
        }
    }

    private static func unavailable(_ reference: SecretReference, _ error: any Error) -> RuntimeError {
        if let error = error as? RuntimeError { return error }
        let failure = error as? ApolloError
        return .unavailable(
            "the secret '\(reference.name)' cannot be given: \(failure?.message ?? "\(error)")",
            hint: failure?.hint ?? "see the platform's log")
    }
}
