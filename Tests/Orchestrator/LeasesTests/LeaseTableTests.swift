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

    private static func answer(
        _ directives: [LeaseTable.Directive], granted: Bool
    ) -> LeaseTable.Answer { LeaseTable.Answer(directives, isGranted: granted) }

    /// A worker that is there: registered and connected at 0.
    private static func connected() throws -> LeaseTable {
        var table = LeaseTable(lease: .seconds(10))
        _ = try table.register(worker(1), at: at(0))
        table.connected(node(1), at: at(0))
        return table
    }

    @Test("a worker is granted a lease once it is reached, and connected to once")
    func grants() throws {
        var table = LeaseTable(lease: .seconds(10))
        let first = try table.register(Self.worker(1), at: Self.at(0))
        #expect(first == Self.answer([.connect(Self.worker(1))], granted: false))
        let again = try table.register(Self.worker(1), at: Self.at(1))
        #expect(again == Self.answer([], granted: false))
        table.connected(Self.node(1), at: Self.at(2))
        let granted = try table.register(Self.worker(1), at: Self.at(3))
        #expect(granted == Self.answer([], granted: true))
        #expect(table.expire(at: Self.at(12)) == [])
    }

    @Test("a lease that is not renewed lapses at its end, and once")
    func lapses() throws {
        var table = try Self.connected()
        #expect(table.nextExpiry == Self.at(10))
        #expect(table.expire(at: Self.at(9)) == [])
        #expect(table.expire(at: Self.at(10)) == [.lose(Self.node(1)), .release(Self.node(1))])
        #expect(table.expire(at: Self.at(11)) == [])
        #expect(table.nextExpiry == nil)
    }

    @Test("a worker that registers and cannot be reached is lost all the same, and is not granted its lease")
    func unreachable() throws {
        var table = try Self.connected()
        table.disconnected(Self.node(1), at: Self.at(5))
        var granted: [Bool] = []
        for second in stride(from: Int64(6), through: 24, by: 3) {
            granted.append(try table.register(Self.worker(1), at: Self.at(second)).isGranted)
        }
        #expect(granted == [true, true, true, false, false, false, false])
        #expect(table.expire(at: Self.at(24)) == [.lose(Self.node(1))])
        #expect(try table.register(Self.worker(1), at: Self.at(25)).isGranted == false)
        table.connected(Self.node(1), at: Self.at(26))
        #expect(try table.register(Self.worker(1), at: Self.at(27)).isGranted)
    }

    @Test("what a lost node ran is placed elsewhere when its time has come, the hasty first")
    func replaces() throws {
        var table = try Self.connected()
        _ = table.expire(at: Self.at(10))
        table.schedule(Self.node(1), after: [.seconds(40), .seconds(5)], at: Self.at(10))
        #expect(table.nextExpiry == Self.at(15))
        #expect(table.expire(at: Self.at(15)) == [.replace(Self.node(1), lostFor: .seconds(5))])
        #expect(table.expire(at: Self.at(49)) == [])
        #expect(table.expire(at: Self.at(50)) == [.replace(Self.node(1), lostFor: .seconds(40))])
        #expect(table.nextExpiry == nil)
    }

    @Test("a node that is reached again keeps what it runs; one that only registers does not")
    func returns() throws {
        var table = try Self.connected()
        _ = table.expire(at: Self.at(10))
        table.schedule(Self.node(1), after: [.seconds(20), .seconds(30)], at: Self.at(10))
        let again = try table.register(Self.worker(1), at: Self.at(25))
        #expect(again == Self.answer([.connect(Self.worker(1))], granted: false))
        #expect(table.expire(at: Self.at(30)) == [.replace(Self.node(1), lostFor: .seconds(20))])
        table.connected(Self.node(1), at: Self.at(31))
        _ = try table.register(Self.worker(1), at: Self.at(39))
        #expect(table.expire(at: Self.at(40)) == [])
    }

    @Test("a node that had tasks before the manager started is given a lease's time to come")
    func awaited() throws {
        var table = LeaseTable(lease: .seconds(10))
        table.await(Self.node(1), at: Self.at(0))
        table.await(Self.node(2), at: Self.at(0))
        _ = try table.register(Self.worker(1), at: Self.at(4))
        table.connected(Self.node(1), at: Self.at(5))
        _ = try table.register(Self.worker(1), at: Self.at(9))
        #expect(table.expire(at: Self.at(10)) == [.lose(Self.node(2))])
    }

    @Test("a worker that was started anew, or has moved, is connected to again")
    func restarts() throws {
        var table = try Self.connected()
        table.disconnected(Self.node(1), at: Self.at(0))
        let again = Self.worker(1, incarnation: 2)
        #expect(try table.register(again, at: Self.at(1)).directives == [.connect(again)])
        var moved = again
        moved.host = "10.0.0.2"
        #expect(try table.register(moved, at: Self.at(2)).directives == [.connect(moved)])
    }

    @Test("a name is one machine's while that is there, and free when it is gone")
    func duplicateName() throws {
        var table = try Self.connected()
        #expect(throws: LeaseTable.Refusal.nameTaken("one", by: Self.node(1))) {
            try table.register(Self.worker(2), at: Self.at(1))
        }
        _ = table.expire(at: Self.at(10))
        _ = try table.register(Self.worker(2), at: Self.at(11))
        #expect(throws: LeaseTable.Refusal.nameTaken("one", by: Self.node(2))) {
            try table.register(Self.worker(1), at: Self.at(12))
        }
    }

    @Test("a copy of a data directory that joined under another name is refused")
    func copied() throws {
        var table = try Self.connected()
        #expect(throws: LeaseTable.Refusal.copied(Self.node(1), of: "one")) {
            try table.register(Self.worker(1, name: "two"), at: Self.at(1))
        }
    }

    @Test("a worker that starts anew waits until the one before is missed, and takes its place")
    func restartsBeforeItIsMissed() throws {
        var table = try Self.connected()
        let again = Self.worker(1, incarnation: 2)
        for second in Int64(1)...3 {
            #expect(throws: LeaseTable.Refusal.held(by: Self.worker(1))) {
                try table.register(again, at: Self.at(second))
            }
        }
        table.disconnected(Self.node(1), at: Self.at(4))
        #expect(try table.register(again, at: Self.at(5)).directives == [.connect(again)])
        table.connected(Self.node(1), at: Self.at(6))
        // A message of the one before that comes late changes nothing.
        #expect(throws: LeaseTable.Refusal.held(by: again)) {
            try table.register(Self.worker(1), at: Self.at(7))
        }
        #expect(try table.register(again, at: Self.at(8)) == Self.answer([], granted: true))
    }

    @Test("of two workers from one data directory the one that answers stays, and the other is told so")
    func doubled() throws {
        var table = try Self.connected()
        let copy = Self.worker(1, incarnation: 2)
        #expect(throws: LeaseTable.Refusal.held(by: Self.worker(1))) {
            try table.register(copy, at: Self.at(1))
        }
        #expect(try table.register(Self.worker(1), at: Self.at(2)) == Self.answer([], granted: true))
        for second in Int64(3)...4 {
            #expect(throws: LeaseTable.Refusal.doubled(by: Self.worker(1))) {
                try table.register(copy, at: Self.at(second))
            }
        }
        // Another start of the copy has to be found out again.
        let started = Self.worker(1, incarnation: 3)
        #expect(throws: LeaseTable.Refusal.held(by: Self.worker(1))) {
            try table.register(started, at: Self.at(5))
        }
        // Once the one that had the place is gone it is free.
        table.disconnected(Self.node(1), at: Self.at(6))
        #expect(try table.register(started, at: Self.at(7)).directives == [.connect(started)])
    }

    @Test("no more nodes are taken than allowed, and one that is removed makes room")
    func bounded() throws {
        var table = LeaseTable(lease: .seconds(10), limit: 1)
        _ = try table.register(Self.worker(1), at: Self.at(0))
        #expect(throws: LeaseTable.Refusal.full(limit: 1)) {
            try table.register(Self.worker(2, name: "two"), at: Self.at(0))
        }
        #expect(table.remove(Self.node(1)) == [.release(Self.node(1))])
        #expect(table.remove(Self.node(1)) == [])
        _ = try table.register(Self.worker(2, name: "two"), at: Self.at(0))
    }
}
