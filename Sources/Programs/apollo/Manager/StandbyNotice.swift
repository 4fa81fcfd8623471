import ClusterModel
import Leaders

/// What a manager that stands by says to whoever asks it: who leads, or that nobody does.
struct StandbyNotice {
    /// Who leads, where that is known and it can be reached.
    let leader: ManagerRecord?
    let message: String
    let hint: String

    init(_ keeper: LeadershipKeeper) {
        let view = keeper.view
        guard let leader = view.leader, leader.id != keeper.manager, !leader.address.isEmpty else {
            self.leader = nil
            message =
                view.problem.map { "this manager stands by, and its database does not answer: \($0)" }
                ?? view.ended.map { "this manager's term is over, and none leads yet: \($0)" }
                ?? "this manager stands by, and none leads yet"
            hint = "try again in a few seconds, or ask another manager"
            return
        }
        self.leader = leader
        message = "this manager stands by; '\(leader.name)' leads, at \(leader.address)"
        hint = "ask that one"
    }
}
