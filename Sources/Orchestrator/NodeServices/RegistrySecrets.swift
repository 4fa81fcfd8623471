public import ClusterModel
public import Core
import NodeMessages
public import RPCModel
public import TaskRuntimes

/// The secrets of what runs on this machine, asked of the manager when an attempt starts.
public struct RegistrySecrets: SecretSource {
    private let calls: @Sendable () async throws -> any RPCCalling

    public init(_ calls: @escaping @Sendable () async throws -> any RPCCalling) { self.calls = calls }

    public func values(
        of references: [SecretReference], for recipient: SecretRecipient
    ) async throws(RuntimeError) -> [SecretBytes] {
        let values: [[UInt8]]
        do {
            values = try await RegistryClient(calls()).secrets(
                SecretsRequest(references, for: recipient), options: RPCCallOptions(timeout: .seconds(20))
            ).values
        } catch {
            throw Self.failure(error)
        }
        guard values.count == references.count else {
            throw .failed("the manager gave \(values.count) secrets for \(references.count)")
        }
        return values.map { SecretBytes($0) }
    }

    private static func failure(_ error: any Error) -> RuntimeError {
        let failure = (error as? ApolloError) ?? RPCStatus.failure(error).apolloError
        switch failure.kind {
        case .cancelled: return .cancelled
        case .notFound, .invalid, .denied: return .rejected(failure.message, hint: failure.hint)
        default:
            return .unavailable(
                "the manager gave no secrets: \(failure.message)", hint: failure.hint ?? "see its log")
        }
    }
}
