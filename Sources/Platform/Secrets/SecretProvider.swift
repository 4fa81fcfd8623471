public import ClusterModel
public import Core
public import TaskRuntimes

/// Gives workers the secrets of what they start.
public struct SecretProvider: SecretSource {
    private let store: SecretStore

    public init(_ store: SecretStore) { self.store = store }

    public func values(
        of references: [SecretReference], in project: String
    ) async throws(RuntimeError) -> [SecretBytes] {
        var values: [SecretBytes] = []
        for reference in references {
            do {
                values.append(
                    try await store.value(reference.name, in: project, version: reference.version).secret)
            } catch is CancellationError {
                throw .cancelled
            } catch let error as ApolloError where error.kind == .notFound {
                throw .rejected(error.message, hint: error.hint)
            } catch let error as ApolloError {
                throw .unavailable(
                    "the secret '\(reference.name)' cannot be read: \(error.message)",
                    hint: error.hint ?? "see the platform's log")
            } catch {
                throw .unavailable(
                    "the secret '\(reference.name)' cannot be read: \(error)", hint: "see the platform's log")
            }
        }
        return values
    }
}
