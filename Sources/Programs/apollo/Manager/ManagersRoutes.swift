import APIMessages
import APIServers
import Authorities
import Certificates
import ClusterModel
import Core
import Databases
import Documents
import HTTPModel
import HTTPRouting
import Identity
import LeaderDecisions
import Leaders

/// `/api/v1/managers`, and how a manager joins.
struct ManagersRoutes {
    let database: any Database
    let authorities: AuthorityStore
    /// Nil where one manager has the database for itself.
    let keeper: LeadershipKeeper?
    let limiter: JoinLimiter
    /// Where this manager's API answers.
    let ownAddress: @Sendable () -> String
    /// Has the administrator's token of a manager's machine count.
    let admit: @Sendable (_ tokenHash: String) -> Void

    private static let handle = Parameter<String>.path("manager", "The name or the identifier of a manager.")
    /// One that was not seen for so long is absent.
    private static let absence = Duration.seconds(15)

    var routes: [Route<Caller>] { [list, remove, join] }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/managers", operation: "listManagers", summary: "List managers, and who leads",
            tag: "nodes", access: .permissionFor { _ in Caller.Permission(.list, try Resources.nodes()) },
            responses: [.json(.page(of: .of(ManagerDescription.self)), "All managers.")]
        ) { _ in
            let (row, now, managers) = try await LeadershipStore(self.database).all()
            return try .json(ManagerDescriptions(items: managers.map { self.describe($0, row, at: now) }))
        }
    }

    /// The one that leads, as events tell it.
    static func leader(_ view: LeadershipView) -> ManagerDescription? {
        guard let leader = view.leader, let row = view.row else { return nil }
        return ManagerDescription(
            id: leader.id.text, name: leader.name, role: .leader,
            address: leader.address.isEmpty ? nil : leader.address, version: leader.version,
            joinedAt: leader.joinedAt, seenAt: leader.seenAt, epoch: row.epoch, leadsSince: row.since)
    }

    private func describe(
        _ manager: ManagerRecord, _ row: LeadershipRow?, at now: Timestamp
    ) -> ManagerDescription {
        // One that has its database for itself does not say there that it is there.
        let isAlone = keeper == nil
        let isLeader = row?.holder == manager.id
        let isSeen = isAlone || manager.seenAt.map { $0.duration(to: now) < Self.absence } ?? false
        let address = isAlone ? ownAddress() : manager.address
        return ManagerDescription(
            id: manager.id.text, name: manager.name, role: isLeader ? .leader : isSeen ? .standby : .absent,
            address: address.isEmpty ? nil : address, version: manager.version, joinedAt: manager.joinedAt,
            seenAt: isAlone ? now : manager.seenAt, epoch: isLeader ? row?.epoch : nil,
            leadsSince: isLeader ? row?.since : nil)
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/managers/{manager}", operation: "removeManager",
            summary: "Take a manager out of the platform",
            description: "One that leads cannot be taken out. One that still runs ends.", tag: "nodes",
            access: .permissionFor { _ in Caller.Permission(.manage, try Resources.nodes()) },
            parameters: [Self.handle], responses: [.noContent("It is none any more.")]
        ) { call in
            _ = try await LeadershipStore(self.database).remove(call[Self.handle])
            return HTTPResponse(.noContent)
        }
    }

    private var join: Route<Caller> {
        Route(
            .post, "/api/v1/join/manager", operation: "joinManager",
            summary: "Join as a further manager, by a join token",
            description:
                "Needs no other token. The manager has to have the platform's database and its master key besides.",
            tag: "certificates", access: .open, body: .json(ManagerJoinRequest.self),
            responses: [.noContent("It may start.")]
        ) { call in
            let wanted = try await call.body(ManagerJoinRequest.self)
            guard self.keeper != nil else {
                throw ApolloError(
                    .conflict, "this platform keeps its state in SQLite, which one manager alone can use",
                    hint:
                        "move to PostgreSQL first: database.url; see 'Managers that fail over' in the manual")
            }
            try await self.limiter.limit(call.request.peer) {
                guard let token = JoinToken(parsing: wanted.token) else {
                    throw Self.fault(
                        "token", "is no join token, or not all of one: it has three parts, apj_….….…")
                }
                guard let id = NodeID(parsing: wanted.id) else {
                    throw Self.fault("id", "is no identifier")
                }
                let applicant = LeadershipStore.Applicant(
                    id: id, name: wanted.name, version: wanted.version, tokenHash: wanted.tokenHash)
                try await self.authorities.spend(token) { try LeadershipStore.admit(applicant, $0) }
            }
            self.admit(wanted.tokenHash)
            return HTTPResponse(.noContent)
        }
    }

    private static func fault(_ path: String, _ message: String) -> ApolloError {
        ApolloError(
            .invalid, "the request to join is wrong", fields: [FieldError(path: path, message: message)])
    }
}
