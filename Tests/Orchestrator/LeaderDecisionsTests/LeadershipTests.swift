import ClusterModel
import Core
import LeaderDecisions
import Testing

@Suite("Who leads")
struct LeadershipTests {
    private static let lease = Duration.seconds(5)
    private let other = LeadershipRow(
        epoch: 3, holder: NodeID(parsing: "00000000000000000002")!, since: nil,
        expiresAt: Timestamp(microseconds: 9_000_000))

    private func at(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
    }

    /// A manager that leads with epoch 4 since 0.1 s.
    private func leader() -> Leadership {
        var core = Leadership(lease: Self.lease, at: at(0))
        #expect(core.handle(.woke, at: at(0)) == [.ask(.look(own: nil))])
        #expect(
            core.handle(.answered(.taken(epoch: 4), askedAt: at(0)), at: at(0.1)) == [.lead(epoch: 4)])
        return core
    }

    @Test("a lease that runs is nobody else's, and one that is over, or one's own of before, is free")
    func succession() {
        let now = Timestamp(microseconds: 8_000_000)
        #expect(LeadershipRow.successor(of: nil, own: nil, at: now) == 1)
        #expect(LeadershipRow.successor(of: other, own: nil, at: now) == nil)
        #expect(LeadershipRow.successor(of: other, own: 2, at: now) == nil)
        #expect(LeadershipRow.successor(of: other, own: 3, at: now) == 4)
        #expect(LeadershipRow.successor(of: other, own: nil, at: Timestamp(microseconds: 9_000_000)) == 4)
    }

    @Test("a standby looks again when the lease is over, and now and then before")
    func standingBy() {
        var core = Leadership(lease: Self.lease, at: at(0))
        _ = core.handle(.woke, at: at(0))
        #expect(core.wakeAt == nil, "it asks already")
        #expect(
            core.handle(.answered(.held(other, remaining: .seconds(4)), askedAt: at(0)), at: at(0.1)) == [])
        #expect(core.wakeAt == at(1.1))
        #expect(core.handle(.woke, at: at(1.1)) == [.ask(.look(own: nil))])
        _ = core.handle(
            .answered(.held(other, remaining: .milliseconds(300)), askedAt: at(1.1)), at: at(1.2))
        #expect(core.wakeAt == at(1.52))
    }

    @Test("a leader renews its lease, which it counts from before it asked")
    func renewing() {
        var core = leader()
        #expect(core.epoch(at: at(4.9)) == 4)
        #expect(core.epoch(at: at(5)) == nil)
        #expect(core.wakeAt == at(1.35))
        #expect(core.handle(.woke, at: at(1.35)) == [.ask(.renew(epoch: 4))])
        #expect(core.handle(.answered(.renewed(epoch: 4), askedAt: at(1.35)), at: at(2)) == [])
        #expect(core.epoch(at: at(6.3)) == 4)
        #expect(core.epoch(at: at(6.35)) == nil)
    }

    @Test("what a manager says of itself is told at once when it has changed, one question at a time")
    func telling() {
        var core = leader()
        #expect(core.handle(.changed, at: at(0.2)) == [.ask(.renew(epoch: 4))])
        #expect(core.handle(.changed, at: at(0.3)) == [], "it asks already")
        var standby = Leadership(lease: Self.lease, at: at(0))
        _ = standby.handle(.woke, at: at(0))
        _ = standby.handle(.answered(.held(other, remaining: .seconds(4)), askedAt: at(0)), at: at(0.1))
        #expect(standby.handle(.changed, at: at(0.2)) == [.ask(.look(own: nil))])
    }

    @Test(
        "a leader that the database does not answer steps down when its lease is over, though it still asks")
    func cutOff() {
        var core = leader()
        _ = core.handle(.woke, at: at(1.35))
        #expect(core.wakeAt == at(5))
        #expect(
            core.handle(.woke, at: at(5)) == [
                .stepDown(
                    epoch: 4, because: "the database has not confirmed for 5s that it leads")
            ])
        #expect(core.role == .endingTerm(epoch: 4))
        // The answer comes at last; it changes nothing.
        #expect(core.handle(.answered(.renewed(epoch: 4), askedAt: at(1.35)), at: at(6)) == [])
        #expect(core.role == .endingTerm(epoch: 4))
        // Its own term is over for certain: it need not wait for the lease.
        #expect(core.handle(.ended(epoch: 4), at: at(7)) == [.ask(.look(own: 4))])
    }

    @Test("a leader that could not ask tries again soon")
    func retrying() {
        var core = leader()
        _ = core.handle(.woke, at: at(1.35))
        #expect(core.handle(.failed("no route"), at: at(1.4)) == [])
        #expect(core.wakeAt == at(1.9))
        #expect(core.handle(.woke, at: at(1.9)) == [.ask(.renew(epoch: 4))])
    }

    @Test("a leader that stood still steps down as soon as it goes on, and stands by once its term has ended")
    func paused() {
        var core = leader()
        let directives = core.handle(.woke, at: at(60))
        #expect(directives.contains { if case .stepDown(4, _) = $0 { true } else { false } })
        #expect(core.handle(.ended(epoch: 4), at: at(61)) == [.ask(.look(own: 4))])
        _ = core.handle(.answered(.held(other, remaining: .seconds(3)), askedAt: at(61)), at: at(61.1))
        #expect(core.role == .standby)
    }

    @Test("a leader hears that another leads")
    func replaced() {
        var core = leader()
        _ = core.handle(.woke, at: at(1.35))
        #expect(
            core.handle(.answered(.held(other, remaining: .seconds(3)), askedAt: at(1.35)), at: at(1.4))
                == [.stepDown(epoch: 4, because: "another manager leads, with epoch 3")])
    }

    @Test("a doubt ends the term it is of, and no other")
    func doubt() {
        var core = leader()
        #expect(core.handle(.doubted(epoch: 3, "lost commit"), at: at(1)) == [])
        #expect(
            core.handle(.doubted(epoch: 4, "lost commit"), at: at(1)) == [
                .stepDown(epoch: 4, because: "lost commit")
            ])
        #expect(core.handle(.doubted(epoch: 4, "again"), at: at(1)) == [])
    }

    @Test("an answer that says it leads, but comes after the lease, begins no term")
    func lateAnswer() {
        var core = Leadership(lease: Self.lease, at: at(0))
        _ = core.handle(.woke, at: at(0))
        #expect(
            core.handle(.answered(.taken(epoch: 4), askedAt: at(0)), at: at(5.5)) == [.ask(.look(own: 4))])
        #expect(core.role == .standby)
    }

    @Test("who is asked to end gives the lead away once the term has ended, and takes it no more")
    func resigning() {
        var core = leader()
        #expect(core.handle(.resign, at: at(1)) == [.stepDown(epoch: 4, because: "this manager ends")])
        #expect(core.handle(.ended(epoch: 4), at: at(2)) == [.ask(.release(epoch: 4))])
        #expect(core.handle(.answered(.released, askedAt: at(2)), at: at(2.1)) == [])
        #expect(core.role == .resigned)
        #expect(core.handle(.woke, at: at(100)) == [])
    }

    @Test("a standby that is asked to end ends, also where the lead falls to it meanwhile")
    func resigningStandby() {
        var idle = Leadership(lease: Self.lease, at: at(10))
        #expect(idle.handle(.resign, at: at(0)) == [])
        #expect(idle.role == .resigned)
        var asking = Leadership(lease: Self.lease, at: at(0))
        _ = asking.handle(.woke, at: at(0))
        #expect(asking.handle(.resign, at: at(0.1)) == [])
        #expect(
            asking.handle(.answered(.taken(epoch: 9), askedAt: at(0)), at: at(0.2))
                == [.ask(.release(epoch: 9))])
        _ = asking.handle(.failed("gone"), at: at(0.3))
        #expect(asking.role == .resigned)
    }
}
