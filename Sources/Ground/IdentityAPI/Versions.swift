import APIServers
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions
import IdentityMessages

extension EntityTag {
    /// The version of what the API tells of a thing, made of just that: a role's members and grants change by commands on
    /// others, and all of them make it another.
    init(ofView view: some Encodable) throws { self.init(of: try JSONWriter.bytes(encoding: view)) }
}

extension Call<Caller> {
    /// The answer with what a thing looks like, or that it is as the caller has it.
    func conditional(_ view: some Encodable & Sendable) async throws -> HTTPResponse {
        try await conditional(EntityTag(ofView: view)) { try .json(view) }
    }

    /// The same decision, if what it is about is still as the caller has seen it. What the caller may not do is said first.
    func ifMatch(
        _ view: @escaping @Sendable (DirectoryCore) -> (some Encodable & SendableMetatype)?,
        _ decide: @escaping @Sendable (DirectoryCore) throws -> [DirectoryChange]
    ) -> @Sendable (DirectoryCore) throws -> [DirectoryChange] {
        guard request.fields.contains("If-Match") || request.fields.contains("If-None-Match") else {
            return decide
        }
        return { core in
            let changes = try decide(core)
            try requireMatch(try view(core).map { try EntityTag(ofView: $0) })
            return changes
        }
    }
}
