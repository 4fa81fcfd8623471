public import ClusterModel
public import Core

/// Where a worker gets the secrets of an attempt from, when it starts.
public protocol SecretSource: Sendable {
    /// The values of `references`, secrets of `project`, in their order.
    ///
    /// - Throws: ``RuntimeError/rejected(_:hint:)`` for one that is not there; ``RuntimeError/unavailable(_:hint:)`` where
    ///   they cannot be read now.
    func values(
        of references: [SecretReference], in project: String
    ) async throws(RuntimeError) -> [SecretBytes]
}
