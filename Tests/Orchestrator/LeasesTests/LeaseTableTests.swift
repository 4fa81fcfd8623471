import ClusterModel
import Core
import Leases
import Testing

@Suite("Leases")
struct LeaseTableTests {
    private static func node(_ number: UInt64) -> NodeID {
        NodeID(time: Timestamp(microseconds: 0), random: number)
    }

    private static func at(_ seconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    private static func worker(
        _ number: UInt64, name: String = "one", incarnation: UInt64 = 1
    ) -> LeaseTable.Registration {
        LeaseTable.Registration(
            node: node(number), name: name, incarnation: incarnation, host: "10.0.0.1", port: 7074)
    }

    @Test("a worker is connected to once, however often it renews")
    func renews() throws {
        var table = LeaseTable(lease: .seconds(10))
        #expect(try table.register(Self.worker(1), at: Self.at(0)) == [.connect(Self.worker(1))])
        #expect(try table.register(Self.worker(1), at: Self.at(5)) == [])
        #expect(table.expire(at: Self.at(14)) == [])
        #expect(table.nextExpiry == Self.at(15))
    }

    @Test("a lease that is not renewed lapses at its end, and once")
    func lapses() throws {
        var table = LeaseTable(lease: .seconds(10))
        _ = try table.register(Self.worker(1), at: Self.at(0))
        #expect(table.expire(at: Self.at(10)) == [.lose(Self.node(1))])
        #expect(table.expire(at: Self.at(11)) == [])
        #expect(table.nextExpiry == nil)
    }

    @Test("a lost worker that comes back is connected to again")
    func returns() throws {
        var table = LeaseTable(lease: .seconds(10))
        _ = try table.register(Self.worker(1), at: Self.at(0))
        _ = table.expire(at: Self.at(10))
        #expect(try table.register(Self.worker(1), at: Self.at(20)) == [.connect(Self.worker(1))])
    }

    @Test("a worker that was started anew, or has moved, is connected to again")
    func restarts() throws {
        var table = LeaseTable(lease: .seconds(10))
        _ = try table.register(Self.worker(1), at: Self.at(0))
        let again = Self.worker(1, incarnation: 2)
        #expect(try table.register(again, at: Self.at(1)) == [.connect(again)])
        var moved = again
        moved.host = "10.0.0.2"
        #expect(try table.register(moved, at: Self.at(2)) == [.connect(moved)])
    }

    @Test("a name is one machine's while that is there, and free when it is lost")
    func duplicateName() throws {
        var table = LeaseTable(lease: .seconds(10))
        _ = try table.register(Self.worker(1), at: Self.at(0))
        #expect(throws: LeaseTable.Refusal.nameTaken("one", by: Self.node(1))) {
            try table.register(Self.worker(2), at: Self.at(1))
        }
        _ = table.expire(at: Self.at(10))
        #expect(try table.register(Self.worker(2), at: Self.at(11)) == [.connect(Self.worker(2))])
        #expect(throws: LeaseTable.Refusal.nameTaken("one", by: Self.node(2))) {
            try table.register(Self.worker(1), at: Self.at(12))
        }
    }

    @Test("a copy of a data directory that joined under another name is refused")
    func copied() throws {
        var table = LeaseTable(lease: .seconds(10))
        _ = try table.register(Self.worker(1), at: Self.at(0))
        #expect(throws: LeaseTable.Refusal.copied(Self.node(1), of: "one")) {
            try table.register(Self.worker(1, name: "two"), at: Self.at(1))
        }
    }

    @Test("no more nodes are taken than allowed, and one that is removed makes room")
    func bounded() throws {
        var table = LeaseTable(lease: .seconds(10), limit: 1)
        _ = try table.register(Self.worker(1), at: Self.at(0))
        #expect(throws: LeaseTable.Refusal.full(limit: 1)) {
            try table.register(Self.worker(2, name: "two"), at: Self.at(0))
        }
        #expect(table.remove(Self.node(1)) == [.lose(Self.node(1))])
        #expect(table.remove(Self.node(1)) == [])
        _ = try table.register(Self.worker(2, name: "two"), at: Self.at(0))
    }
}
