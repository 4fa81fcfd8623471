import Core

extension AccessControl {
    /// Stores something in `project` by `body`, during which the project is not removed.
    ///
    /// - Throws: ``ApolloError``: `notFound` where there is no such project, `conflict` while it is being removed; and
    ///   what `body` throws.
    public func adding<Value>(
        to project: String, _ body: () async throws -> sending Value
    ) async throws -> sending Value {
        try change { state throws(ApolloError) in
            guard state.projects?.contains(project) ?? true else { throw Self.unknown(project: project) }
            try state.uses.beginAddition(to: project)
        }
        defer { update { $0.uses.endAddition(to: project) } }
        return try await body()
    }

    /// Removes `project` by `body`, which first makes sure that it is empty: nothing is added meanwhile.
    ///
    /// - Throws: ``ApolloError`` of kind `conflict` while something is being added; and what `body` throws.
    public func removing(project: String, _ body: () async throws -> Void) async throws {
        try change { state throws(ApolloError) in try state.uses.beginRemoval(of: project) }
        defer { update { $0.uses.endRemoval(of: project) } }
        try await body()
    }
}
