public import Core
public import LeaderDecisions

/// What a manager knows of who leads. As old as the last answer of the database.
public struct LeadershipView: Hashable, Sendable {
    public var row: LeadershipRow?
    /// The database's time when it said so.
    public var now: Timestamp?
    /// All managers, by their names.
    public var managers: [ManagerRecord] = []
    /// Why the database did not answer the last time; nil while it does.
    public var problem: String?
    /// Why a term of this process is over, until the database has answered again; nil where none is.
    public var ended: String?
    /// How often a term of this process began, and how often one ended that was not given away.
    public var terms = 0
    public var losses = 0

    /// Who leads; nil where nobody does, as far as is known.
    public var leader: ManagerRecord? {
        guard let row, let now, row.expiresAt > now else { return nil }
        return managers.first { $0.id == row.holder }
    }

    /// Where managers answer, the leader first.
    public var addresses: [String] {
        let leader = leader?.id
        return managers.sorted { ($0.id == leader ? 0 : 1, $0.name) < ($1.id == leader ? 0 : 1, $1.name) }
            .map(\.address).filter { !$0.isEmpty }
    }
}
