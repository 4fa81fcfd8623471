import Core
import ObjectModel
import Testing

@Suite struct LifecycleDecisionsTests {
    private let start = Timestamp(parsing: "2026-11-01T10:00:00Z")!

    private func at(_ day: Double) -> Timestamp { start.advanced(by: .seconds(day * 86_400)) }

    private func record(_ key: String, day: Double, size: Int64 = 10, isMarker: Bool = false) -> ObjectRecord
    {
        var record = ObjectRecord(
            key: ObjectKey(key)!, content: ContentID(time: start, random: 1), size: size, tag: "t",
            modified: at(day))
        record.isMarker = isMarker
        return record
    }

    private func rule(_ change: (inout LifecycleRule) -> Void) -> LifecycleRule {
        var rule = LifecycleRule(id: "r")
        change(&rule)
        return rule
    }

    @Test("An object goes at the midnight after its days are over, and on a date at once")
    func days() {
        let decisions = LifecycleDecisions([rule { $0.days = 2 }])
        let object = record("k", day: 0)
        #expect(decisions.expiry(of: object)?.time == Timestamp(parsing: "2026-11-04T00:00:00Z"))
        #expect(decisions.removals(of: [object], at: Timestamp(parsing: "2026-11-03T23:59:59Z")!).isEmpty)
        #expect(
            decisions.removals(of: [object], at: Timestamp(parsing: "2026-11-04T00:00:00Z")!) == [
                .newest(object)
            ])
        let dated = LifecycleDecisions([rule { $0.date = start }])
        #expect(dated.removals(of: [object], at: start) == [.newest(object)])
        // Of several rules the first that is due counts; one that is switched off does not.
        let several = LifecycleDecisions([
            rule { $0.days = 5 }, rule { ($0.id, $0.days) = ("soon", 3) },
            rule { ($0.days, $0.isEnabled) = (1, false) },
        ])
        #expect(several.expiry(of: object)?.rule == "soon")
    }

    @Test("A rule is about what its filter says, and nothing else")
    func filters() {
        var tagged = record("logs/a", day: 0)
        tagged.attributes.tags = [ObjectTag("a", "1"), ObjectTag("b", "2")]
        let cases: [(LifecycleRule, Bool)] = [
            (rule { ($0.days, $0.prefix) = (1, "logs/") }, true),
            (rule { ($0.days, $0.prefix) = (1, "log/") }, false),
            (rule { ($0.days, $0.tags) = (1, [ObjectTag("b", "2")]) }, true),
            (rule { ($0.days, $0.tags) = (1, [ObjectTag("b", "3")]) }, false),
            (rule { ($0.days, $0.largerThan) = (1, 9) }, true),
            (rule { ($0.days, $0.largerThan) = (1, 10) }, false),
            (rule { ($0.days, $0.smallerThan) = (1, 11) }, true),
            (rule { ($0.days, $0.smallerThan) = (1, 10) }, false),
        ]
        for (rule, isCovered) in cases {
            #expect((LifecycleDecisions([rule]).expiry(of: tagged) != nil) == isCovered)
        }
    }

    @Test("Versions go by when they were replaced, the newest of them last")
    func noncurrent() {
        let decisions = LifecycleDecisions(
            [
                rule { ($0.noncurrentDays, $0.newerVersions) = (1, 1) }
            ], day: .seconds(86_400 - 1))
        let versions = [record("k", day: 9), record("k", day: 8), record("k", day: 1), record("k", day: 0)]
        // The second was replaced on day 9, the third on day 8, the fourth on day 1; one of them stays in any case.
        #expect(decisions.removals(of: versions, at: at(2.5)) == [.version(versions[3])])
        #expect(
            decisions.removals(of: versions, at: at(20)) == [.version(versions[2]), .version(versions[3])])
    }

    @Test("What says that an object was removed goes when nothing else is left of it")
    func markers() {
        let decisions = LifecycleDecisions([rule { $0.removesLoneMarkers = true }])
        let (marker, version) = (record("k", day: 1, isMarker: true), record("k", day: 0))
        #expect(decisions.removals(of: [marker, version], at: at(9)).isEmpty)
        #expect(decisions.removals(of: [marker], at: at(9)) == [.version(marker)])
        // A removed object is not removed again.
        #expect(
            LifecycleDecisions([rule { $0.days = 1 }]).removals(of: [marker, version], at: at(9)).isEmpty)
        #expect(
            LifecycleDecisions([rule { $0.days = 1 }]).removals(of: [marker], at: at(9)) == [.version(marker)]
        )
    }
}

@Suite struct ObjectLockTests {
    private let now = Timestamp(parsing: "2026-11-01T00:00:00Z")!
    private var later: Timestamp { now.advanced(by: .seconds(60)) }

    @Test("What is held or retained stays, and governance can be bypassed where compliance cannot")
    func removal() {
        let governed = ObjectLock(retention: .init(.governance, until: later))
        let complying = ObjectLock(retention: .init(.compliance, until: later))
        #expect(
            !governed.allowsRemoval(at: now, bypasses: false)
                && governed.allowsRemoval(at: now, bypasses: true))
        #expect(
            !complying.allowsRemoval(at: now, bypasses: true)
                && complying.allowsRemoval(at: later, bypasses: false))
        #expect(!ObjectLock(isHeld: true).allowsRemoval(at: later, bypasses: true))
        #expect(ObjectLock().allowsRemoval(at: now, bypasses: false))
    }

    @Test("A retention may be made longer, and is otherwise changed only where it may be bypassed")
    func change() {
        let (governance, compliance) = (ObjectLock.Mode.governance, ObjectLock.Mode.compliance)
        let longer = later.advanced(by: .seconds(1))
        let cases: [(ObjectLock.Mode, ObjectLock.Retention?, bypasses: Bool, isAllowed: Bool)] = [
            (governance, .init(compliance, until: later), false, false),
            (governance, .init(compliance, until: later), true, true),
            (governance, .init(governance, until: longer), false, true),
            (governance, .init(governance, until: now), false, false), (governance, nil, false, false),
            (governance, nil, true, true), (compliance, .init(governance, until: longer), true, false),
            (compliance, .init(compliance, until: now), true, false), (compliance, nil, true, false),
        ]
        for (mode, other, bypasses, isAllowed) in cases {
            let lock = ObjectLock(retention: .init(mode, until: later))
            let found = lock.allows(other, at: now, bypasses: bypasses)
            #expect(found == isAllowed)
        }
        // What is over keeps nothing.
        let over = ObjectLock(retention: .init(compliance, until: now)).allows(nil, at: now, bypasses: false)
        #expect(over)
    }
}
