import ClusterModel
import Core
import Discovery
import Testing

private func endpoint(_ number: Int, job: String = "web", address: String = "10.0.0.1") -> ServiceEndpoint {
    ServiceEndpoint(
        id: TaskID(time: Timestamp(microseconds: 5), random: UInt64(number)),
        attempt: AttemptID(time: Timestamp(microseconds: 5), random: UInt64(number)),
        name: "\(job)-\(number)", task: "server", job: job, project: "default", node: "n",
        nodeID: NodeID(time: Timestamp(microseconds: 1), random: 1), address: address, ports: [])
}

struct ServiceTableTests {
    private let web = ServiceName(project: "default", job: "web")

    @Test func `only what changed is said`() {
        var table = ServiceTable()
        #expect(table.set([endpoint(1), endpoint(2)], of: web).changed.count == 2)
        #expect(table.set([endpoint(2), endpoint(1)], of: web).isEmpty)
        let moved = table.set([endpoint(1), endpoint(2, address: "10.0.0.2")], of: web)
        #expect(moved == ServiceUpdate(changed: [endpoint(2, address: "10.0.0.2")]))
        #expect(
            table.set([endpoint(2, address: "10.0.0.2")], of: web) == ServiceUpdate(removed: [endpoint(1).id])
        )
        #expect(table.set([], of: web).removed.count == 1)
        #expect(table.count == 0 && table.endpoints(of: web).isEmpty)
    }

    @Test func `a table that is told the differences is the same`() {
        var (one, other) = (ServiceTable(), ServiceTable())
        for step in 0..<50 {
            let endpoints = (0..<10).filter { ($0 * 7 + step) % 3 != 0 }.map {
                endpoint($0, address: "10.0.\(step / 4).\($0)")
            }
            other.apply(one.set(endpoints, of: web))
            #expect(other.all == one.all)
            #expect(other.endpoints(of: web) == one.endpoints(of: web))
        }
    }

    @Test func `a task that becomes another job's is no longer the first one's`() {
        var table = ServiceTable()
        table.apply(ServiceUpdate(changed: [endpoint(1)]))
        table.apply(ServiceUpdate(changed: [endpoint(1, job: "db")]))
        #expect(table.endpoints(of: web).isEmpty && table.count == 1)
    }

    @Test func `names are read as people and DNS write them`() {
        func read(_ text: String) -> ServiceAddress? { ServiceAddress(parsing: text, project: "team") }
        #expect(read("web") == ServiceAddress(service: ServiceName(project: "team", job: "web")))
        #expect(read("server.web")?.task == "server")
        #expect(read("web.apollo.internal.")?.service == web)
        #expect(read("web.other.project")?.service.project == "other")
        #expect(
            read("Server.web.other.project.apollo.internal")?.domain
                == "server.web.other.project.apollo.internal")
        for wrong in ["", ".", "a b", "web..x", "a.b.c", "apollo.internal.x.y.z"] {
            #expect(read(wrong) == nil, "\(wrong)")
        }
    }
}
