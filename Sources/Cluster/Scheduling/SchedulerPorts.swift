// Ports of nodes, each for one task.
extension Scheduler {
    /// The ports that a task has, in the order in which it asked for them; number 0 where its node chooses.
    public func ports(of placement: PlacementNumber) -> [HostPort] { portsOf[placement.index] ?? [] }

    /// Whether nobody else has the ports that a task is to have, and there are as many others as it is to be given.
    public func hasItsPorts(_ placement: PlacementNumber) -> Bool {
        guard let ports = portsOf[placement.index] else { return true }
        return table.ports[Int(slots[Int(placement.index)].node)].areAlone(ports)
    }

    /// It has turned out that the task has these ports.
    public mutating func note(_ ports: [HostPort], of placement: PlacementNumber) {
        let node = slots[Int(placement.index)].node
        table.ports[Int(node)].give(portsOf[placement.index] ?? [])
        table.ports[Int(node)].take(ports)
        portsOf[placement.index] = ports.isEmpty ? nil : ports
        table.touch(node)
    }

    /// Something that is no task has the port of the node, or has it no more.
    public mutating func block(_ port: HostPort, on node: NodeNumber, _ isBlocked: Bool = true) {
        table.ports[Int(node.index)].block(port, isBlocked)
        table.touch(node.index)
    }

    mutating func take(_ ports: [HostPort], for slot: Int32, on node: Int32) {
        guard !ports.isEmpty else { return }
        table.ports[Int(node)].take(ports)
        portsOf[slot] = ports
    }
}
