import ClusterModel
import Core
import Discovery
import NodeServices
import Testing

struct ServiceMirrorTests {
    private func endpoint(_ number: Int) -> ServiceEndpoint {
        ServiceEndpoint(
            id: TaskID(time: Timestamp(microseconds: 5), random: UInt64(number)),
            attempt: AttemptID(time: Timestamp(microseconds: 5), random: UInt64(number)),
            name: "web-\(number)", task: "server", job: "web", project: "default", node: "n",
            nodeID: NodeID(time: Timestamp(microseconds: 1), random: 1), address: "10.0.0.1", ports: [])
    }

    @Test func `what comes in pieces counts once it is whole`() {
        let mirror = ServiceMirror()
        #expect(mirror.table == nil)
        mirror.apply(ServiceUpdate(isWhole: true, changed: [endpoint(9)]))
        let pieces = ServiceUpdate(isWhole: true, changed: (0..<5).map { endpoint($0) }).pieces(of: 2)
        #expect(
            pieces.map(\.continues) == [true, true, false] && pieces.map(\.isWhole) == [true, false, false])
        for piece in pieces.dropLast() {
            mirror.apply(piece)
            #expect(mirror.table?.all == [endpoint(9)])
        }
        mirror.apply(pieces[2])
        #expect(mirror.table?.count == 5 && mirror.table?.endpoint(endpoint(9).id) == nil)
        mirror.apply(ServiceUpdate(removed: [endpoint(1).id]))
        #expect(mirror.table?.count == 4)
    }
}
