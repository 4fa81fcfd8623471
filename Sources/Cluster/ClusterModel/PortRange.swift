public import Documents
public import Scheduling

/// The ports of a node that are chosen from for tasks that name none; in text `20000-29999`.
public struct PortRange: Hashable, Sendable, Codable {
    public var first: UInt16
    public var last: UInt16

    /// Nil where `last` is less than `first`, or `first` is 0.
    public init?(first: UInt16, last: UInt16) {
        guard first > 0, first <= last else { return nil }
        self.first = first
        self.last = last
    }

    /// Reads `20000-29999`, or a single port.
    public init?(parsing text: String) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let first = UInt16(ends[0]),
            let last = UInt16(ends[ends.count - 1])
        else { return nil }
        self.init(first: first, last: last)
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let (first, last) = (
            try values.decode(UInt16.self, forKey: .first), try values.decode(UInt16.self, forKey: .last)
        )
        guard let range = PortRange(first: first, last: last) else {
            throw DecodingError.dataCorruptedError(
                forKey: .last, in: values, debugDescription: "\(first)-\(last) is no range of ports")
        }
        self = range
    }

    public var closedRange: ClosedRange<UInt16> { first...last }
}

extension PortRange: CustomStringConvertible {
    public var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}

extension PortRange: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Ports of a node, from the first to the last.",
            [.required("first", .integer(1...65535)), .required("last", .integer(1...65535))])
    }
}

extension PortMapping {
    /// The node's port that it asks for, or has; number 0 for one that is chosen.
    public var hostPort: HostPort { HostPort(host ?? 0, isUDP: transport == .udp) }
}
