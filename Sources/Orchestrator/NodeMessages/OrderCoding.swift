public import ClusterModel
public import Core
import Documents
public import RPCModel
public import TaskDecisions

// Directives as they travel to a worker.
extension Order {
    /// Nil for what is the manager's own to do.
    public init?(_ directive: Directive) {
        switch directive {
        case .launch(let launch, _): self.init(kind: .launch(Launch(launch)))
        case .cancelLaunch(let place): self.init(kind: .cancelLaunch(Place(place)))
        case .watch(let place): self.init(kind: .watch(Place(place)))
        case .probe(let order): self.init(kind: .probe(Probe(order)))
        case .stop(let place, let grace):
            self.init(kind: .stop(Stop(place: Place(place), graceMs: grace.inMicroseconds / 1000)))
        case .remove(let place): self.init(kind: .remove(Place(place)))
        case .discard(let place): self.init(kind: .discard(Place(place)))
        case .wake: return nil
        }
    }

    /// What the order is for a worker on `node`; nil for one of another version, for the hello, and for a batch, whose orders it is.
    public func directive(on node: NodeID) throws(RPCError) -> Directive? {
        switch kind {
        case nil, .hello, .services, .batch: return nil
        case .launch(let launch): return .launch(try launch.attemptLaunch(), on: node)
        case .cancelLaunch(let place): return .cancelLaunch(try place.attemptPlace(on: node))
        case .watch(let place): return .watch(try place.attemptPlace(on: node))
        case .probe(let probe): return .probe(try probe.order(on: node))
        case .stop(let stop):
            guard let place = stop.place else { throw WireReading.fault("place", "is missing") }
            return .stop(
                try place.attemptPlace(on: node),
                grace: try WireReading.duration(milliseconds: max(0, stop.graceMs), "grace_ms"))
        case .remove(let place): return .remove(try place.attemptPlace(on: node))
        case .discard(let place): return .discard(try place.attemptPlace(on: node))
        }
    }
}

extension Launch {
    init(_ launch: AttemptLaunch) {
        var writer = JSONWriter(reserving: 768)
        launch.spec.write(to: &writer)
        self.init(
            attempt: launch.attempt.text, task: launch.task.text, taskName: launch.taskName,
            project: launch.project, specJSON: writer.bytes,
            gpuJSON: launch.gpus.map(WireReading.bytes))
    }

    func attemptLaunch() throws(RPCError) -> AttemptLaunch {
        var gpus: [AssignedGPU] = []
        for bytes in gpuJSON { gpus.append(try WireReading.json(bytes, "gpu_json")) }
        return AttemptLaunch(
            attempt: try WireReading.id(attempt, "attempt"), task: try WireReading.id(task, "task"),
            taskName: taskName, project: project, spec: try WireReading.json(specJSON, "spec_json"),
            gpus: gpus)
    }
}

extension Probe {
    init(_ order: ProbeOrder) {
        self.init(
            place: Place(order.place), checkJSON: WireReading.bytes(order.check),
            portJSON: order.ports.map(WireReading.bytes), known: order.known.rawValue)
    }

    func order(on node: NodeID) throws(RPCError) -> ProbeOrder {
        guard let place else { throw WireReading.fault("place", "is missing") }
        guard let known = Health.State(rawValue: known) else {
            throw WireReading.fault("known", "is a health of another version")
        }
        return ProbeOrder(
            place: try place.attemptPlace(on: node), check: try WireReading.json(checkJSON, "check_json"),
            ports: try WireReading.ports(portJSON), known: known)
    }
}

extension Place {
    public init(_ place: AttemptPlace) {
        self.init(
            task: place.task.text, attempt: place.attempt.text, runtime: place.runtime.rawValue)
    }

    public func attemptPlace(on node: NodeID) throws(RPCError) -> AttemptPlace {
        AttemptPlace(
            task: try WireReading.id(task, "task"), attempt: try WireReading.id(attempt, "attempt"),
            node: node, runtime: try WireReading.runtime(runtime, "runtime"))
    }
}
