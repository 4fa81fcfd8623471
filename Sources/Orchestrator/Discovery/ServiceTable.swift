public import ClusterModel

/// Which job, of which project.
public struct ServiceName: Hashable, Sendable {
    public var project: String
    public var job: String

    public init(project: String, job: String) {
        self.project = project
        self.job = job
    }
}

/// Where everything that is ready answers, as one side knows it.
public struct ServiceTable: Sendable {
    private var endpoints: [TaskID: ServiceEndpoint] = [:]
    /// The tasks of each job, in the order of their names.
    private var services: [ServiceName: [Member]] = [:]

    private struct Member: Hashable, Comparable {
        var name: String
        var task: TaskID

        static func < (a: Self, b: Self) -> Bool { (a.name, a.task) < (b.name, b.task) }
    }

    public init() {}

    public var count: Int { endpoints.count }
    public var all: [ServiceEndpoint] { endpoints.values.sorted { $0.id < $1.id } }

    public func endpoints(of service: ServiceName) -> [ServiceEndpoint] {
        services[service]?.compactMap { endpoints[$0.task] } ?? []
    }

    public func endpoint(_ task: TaskID) -> ServiceEndpoint? { endpoints[task] }

    public mutating func apply(_ update: ServiceUpdate) {
        if update.isWhole { self = ServiceTable() }
        for task in update.removed { remove(task) }
        for endpoint in update.changed {
            remove(endpoint.id)
            endpoints[endpoint.id] = endpoint
            let service = ServiceName(project: endpoint.project, job: endpoint.job)
            let member = Member(name: endpoint.name, task: endpoint.id)
            services[service, default: []].insert(member, at: place(of: member, in: service))
        }
    }

    /// Where a member stands, or would: found in halves, for a job may have thousands.
    private func place(of member: Member, in service: ServiceName) -> Int {
        let members = services[service] ?? []
        var (low, high) = (0, members.count)
        while low < high {
            let middle = (low + high) / 2
            if members[middle] < member { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func remove(_ task: TaskID) {
        guard let old = endpoints.removeValue(forKey: task) else { return }
        let service = ServiceName(project: old.project, job: old.job)
        let member = Member(name: old.name, task: task)
        let place = place(of: member, in: service)
        if services[service]?.indices.contains(place) ?? false, services[service]?[place] == member {
            services[service]?.remove(at: place)
        }
        if services[service]?.isEmpty ?? false { services[service] = nil }
    }

    /// Makes `endpoints` those of `service`, and returns what changed by that.
    public mutating func set(_ endpoints: [ServiceEndpoint], of service: ServiceName) -> ServiceUpdate {
        var update = ServiceUpdate()
        let wanted = Set(endpoints.map(\.id))
        update.removed = (services[service] ?? []).map(\.task).filter { !wanted.contains($0) }
        update.changed = endpoints.filter { self.endpoints[$0.id] != $0 }
        apply(update)
        return update
    }
}
