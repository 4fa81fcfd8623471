import ClusterModel
import Core
import Scheduling

// Ports of nodes. The scheduler gives each to one task; that a program which is no task has one is known only where the start of an
// attempt has found out. It is left alone for a while then, and tried again.
extension TaskCore {
    /// How long a port that was chosen, and was not free, is left alone: there are others.
    private static let chosenPause = Duration.seconds(300)

    /// Takes in that ports which an attempt of the task was to have are in use by others.
    mutating func notePorts(_ ports: [HostPort], of record: TaskRecord, on node: NodeID, at now: Timestamp) {
        let fixed = Set(record.ask.ports)
        let wait = RestartDecision.platformWait(record.spec.restart, streak: record.restartStreak)
        for port in ports {
            busyPorts[node, default: [:]][port] = now.advanced(
                by: fixed.contains(port) ? wait : Self.chosenPause)
            places.block(port, on: node, true)
        }
    }

    /// Tries again at once where there is something better to try: another node with a port that it must have, or another port for one
    /// that was chosen. False where there is not: then it is a start that has failed like any other.
    mutating func findsOtherPorts(
        _ ports: [HostPort], _ record: inout TaskRecord, _ reason: String, at now: Timestamp,
        _ decision: inout Decision
    ) -> Bool {
        guard !ports.isEmpty else { return false }
        let isElsewhere = !Set(record.ask.ports).isDisjoint(with: ports)
        guard isElsewhere ? places.admitsSomewhere(ask(of: record)) : record.restartStreak < limits.startTries
        else { return false }
        record.reason = reason
        if isElsewhere {
            moveOn(&record, at: now, &decision)
        } else {
            postpone(&record, for: .zero, because: reason, at: now, &decision)
        }
        return true
    }

    /// Forgets what was found so long ago that it may be otherwise by now.
    mutating func unblockPorts(at now: Timestamp) {
        guard !busyPorts.isEmpty else { return }
        for (node, ports) in busyPorts.sorted(by: { $0.key < $1.key }) {
            for (port, until) in ports.sorted(by: { $0.key < $1.key }) where until <= now {
                busyPorts[node]?[port] = nil
                places.block(port, on: node, false)
            }
            if busyPorts[node]?.isEmpty == true { busyPorts[node] = nil }
        }
    }

    /// Has a task that waits woken when ports that it waits for are tried again.
    func awaitPorts(of ask: Ask, for id: TaskID, _ decision: inout Decision) {
        guard !busyPorts.isEmpty, !ask.ports.isEmpty else { return }
        let wanted = Set(ask.ports)
        let times = busyPorts.values.flatMap {
            $0.filter { wanted.contains($0.key) || wanted.contains { $0.number == 0 } }
        }
        if let next = times.map(\.value).min() { decision.directives.append(.wake(id, at: next)) }
    }
}

extension Attempt {
    /// The ports that it has; nil where its node has not said yet which.
    var heldPorts: [HostPort]? { ports.isEmpty ? nil : ports.map(\.hostPort) }
}

extension TaskSpec {
    /// The mappings with the ports that were found for them, in their order.
    func ports(_ given: [HostPort]) -> [PortMapping] {
        guard given.count == ports.count, given.contains(where: { $0.number != 0 }) else { return [] }
        return zip(ports, given).map { mapping, port in
            var mapping = mapping
            mapping.host = port.number == 0 ? nil : port.number
            return mapping
        }
    }
}
