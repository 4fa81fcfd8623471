/// A port of a node. That of TCP and that of UDP are two; on which of the node's addresses it is makes no difference: one task has it.
public struct HostPort: Hashable, Sendable {
    /// In what is asked for, 0 is one that is chosen.
    public var number: UInt16
    public var isUDP: Bool

    public init(_ number: UInt16, isUDP: Bool = false) {
        self.number = number
        self.isUDP = isUDP
    }
}

extension HostPort: CustomStringConvertible {
    public var description: String { isUDP ? "\(number)/udp" : "\(number)" }
}

extension HostPort: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        (a.number, a.isUDP ? 1 : 0) < (b.number, b.isUDP ? 1 : 0)
    }
}
