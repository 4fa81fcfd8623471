/// The ports of one node: which tasks have, which something else has, and which are left to choose from.
struct PortTable: Sendable {
    /// What is chosen from; nil where the node chooses by itself.
    private(set) var range: ClosedRange<UInt16>?
    /// By how many tasks each is taken: by one, unless two ran already before they were counted.
    private var taken: [HostPort: Int32] = [:]
    private var blocked: Set<HostPort> = []
    /// How often each number is taken or blocked, by whichever transport: one that is chosen is free for both.
    private var uses: [UInt16: Int32] = [:]
    /// Numbers of the range without a use.
    private(set) var freeCount = 0
    /// Where the next search begins: what was just given back is not given out again at once.
    private var cursor: UInt16 = 0

    mutating func offer(_ range: ClosedRange<UInt16>?, from first: UInt64) {
        guard range != self.range else { return }
        self.range = range
        guard let range else { return }
        freeCount = range.count - uses.keys.count { range.contains($0) }
        cursor = range.lowerBound + UInt16(first % UInt64(range.count))
    }

    func isTaken(_ port: HostPort) -> Bool { taken[port] != nil }
    func isBlocked(_ port: HostPort) -> Bool { blocked.contains(port) }

    /// Whether none of the ports is in use, and there are as many others as are to be chosen.
    func admits(_ ports: [HostPort]) -> Bool {
        ports.allSatisfy { taken[$0] == nil && !blocked.contains($0) } && canChoose(for: ports)
    }

    /// Whether there are as many as are to be chosen, once the others of `ports` are taken.
    func canChoose(for ports: [HostPort]) -> Bool {
        let count = ports.count { $0.number == 0 }
        guard count > 0, let range else { return true }
        let own = Set(ports.lazy.map(\.number).filter { range.contains($0) && uses[$0] == nil }).count
        return freeCount - own >= count
    }

    /// Whether each of these, which are taken, is taken by one task alone, and as many are left as are still to be chosen.
    func areAlone(_ ports: [HostPort]) -> Bool {
        ports.allSatisfy { $0.number == 0 || taken[$0] == 1 } && canChoose(for: ports)
    }

    mutating func take(_ ports: [HostPort]) {
        for port in ports where port.number != 0 {
            taken[port, default: 0] += 1
            use(port.number, 1)
        }
    }

    mutating func give(_ ports: [HostPort]) {
        for port in ports {
            guard let count = taken[port] else { continue }
            taken[port] = count > 1 ? count - 1 : nil
            use(port.number, -1)
        }
    }

    /// Something that is no task has the port, or has it no more.
    mutating func block(_ port: HostPort, _ isBlocked: Bool) {
        if isBlocked, blocked.insert(port).inserted { use(port.number, 1) }
        if !isBlocked, blocked.remove(port) != nil { use(port.number, -1) }
    }

    /// The same ports with a number that nobody has for each that is to be chosen; 0 where the node chooses, or has too few.
    mutating func choose(_ ports: [HostPort]) -> [HostPort] {
        guard let range, ports.contains(where: { $0.number == 0 }) else { return ports }
        var chosen = ports
        var next = range.contains(cursor) ? cursor : range.lowerBound
        var left = range.count
        for index in ports.indices where ports[index].number == 0 {
            while left > 0, chosen[index].number == 0 {
                if uses[next] == nil, !ports.contains(where: { $0.number == next }) {
                    chosen[index].number = next
                }
                next = next == range.upperBound ? range.lowerBound : next + 1
                left -= 1
            }
        }
        cursor = next
        return chosen
    }

    private mutating func use(_ number: UInt16, _ step: Int32) {
        let before = uses[number] ?? 0
        uses[number] = before + step == 0 ? nil : before + step
        guard let range, range.contains(number) else { return }
        if before == 0 { freeCount -= 1 }
        if before + step == 0 { freeCount += 1 }
    }
}
