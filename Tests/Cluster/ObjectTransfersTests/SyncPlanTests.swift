import Core
import ObjectTransfers
import Testing

@Suite struct SyncPlanTests {
    private func entry(_ path: String, _ size: Int64 = 1, at second: Int64 = 0, tag: String? = nil)
        -> SyncEntry
    {
        SyncEntry(path: path, size: size, modified: Timestamp(microseconds: second * 1_000_000), tag: tag)
    }

    private func plan(
        _ source: [SyncEntry], _ target: [SyncEntry], by comparison: SyncPlan.Comparison = .sizeAndTime,
        excluding: [String] = []
    ) -> SyncPlan {
        SyncPlan(source: source, target: target, by: comparison, filter: PathFilter(excluding: excluding))
    }

    @Test("What is not there, of another size, or older is copied, and the rest is not")
    func reasons() {
        let plan = plan(
            [
                entry("new"), entry("size", 2), entry("newer", at: 9), entry("same", at: 5),
                entry("older", at: 1),
            ],
            [entry("size", 1, at: 99), entry("newer", at: 8), entry("same", at: 5), entry("older", at: 5)])
        #expect(
            plan.copies.map { "\($0.source.path) \($0.reason)" }.sorted() == [
                "new new", "newer newer", "size size",
            ])
        #expect(plan.unchanged == 2)
        #expect(plan.extra.isEmpty)
    }

    @Test("By size alone times do not count, and by checksum pairs of one size are to be compared")
    func comparisons() {
        #expect(plan([entry("a", at: 9)], [entry("a")], by: .size).unchanged == 1)
        var byChecksum = plan(
            [entry("a"), entry("b", 1)], [entry("a", at: 9), entry("b", 2)], by: .checksum)
        #expect(byChecksum.copies.map(\.reason) == [.size])
        for pair in byChecksum.comparisons { byChecksum.settle(pair, isSame: false) }
        #expect(byChecksum.copies.map(\.reason) == [.size, .content])
    }

    @Test("Where one of the two knows the second alone, no more is compared")
    func seconds() {
        let at: (Int64) -> [SyncEntry] = {
            [SyncEntry(path: "a", size: 1, modified: Timestamp(microseconds: $0))]
        }
        #expect(plan(at(5_900_000), at(5_000_000)).unchanged == 1)
        #expect(plan(at(6_000_000), at(5_999_999)).copies.count == 1)
        #expect(plan(at(5_900_000), at(5_800_000)).copies.count == 1)
        #expect(plan(at(5_700_000), at(5_800_000)).unchanged == 1)
    }

    @Test(
        "What only the target has is extra, in the order of bytes, and what is left out is neither copied nor extra"
    )
    func extras() {
        let plan = plan(
            [entry("b"), entry("x.tmp")], [entry("z"), entry("a"), entry("a.tmp"), entry("b"), entry("b/c")],
            excluding: ["*.tmp"])
        #expect(plan.extra == ["a", "b/c", "z"])
        #expect(plan.copies.isEmpty)
    }

    @Test("Names that look the same but have other bytes are two")
    func normalization() {
        let plan = plan([entry("e\u{301}")], [entry("\u{e9}")])
        #expect(plan.copies.count == 1)
        #expect(plan.extra.count == 1)
    }
}

@Suite struct PartPlanTests {
    @Test("Parts cover the whole, and are never more than there may be")
    func parts() {
        for size in [1, 16 << 20, (16 << 20) + 1, 70 << 20, 5 << 40] as [Int64] {
            let plan = PartPlan(size: size)
            #expect(plan.count <= 10_000)
            #expect(plan.range(1).lowerBound == 0)
            #expect(plan.range(plan.count).upperBound == size)
            #expect(plan.count == 1 || plan.range(2).lowerBound == plan.range(1).upperBound)
            #expect(!plan.range(plan.count).isEmpty)
        }
    }
}
