import Documents

/// One line of a report: what one case measured, against one peer or none.
public struct Measurement: Hashable, Sendable {
    /// What a peer measured in the same run.
    public struct PeerValue: Hashable, Sendable {
        public var name: String
        public var version: String
        /// The median of its runs.
        public var value: Double

        public init(name: String, version: String, value: Double) {
            self.name = name
            self.version = version
            self.value = value
        }
    }

    public var suite: String
    public var name: String
    public var unit: String
    public var better: Better
    public var ours: Samples
    /// Nil where there is none, or where it is not installed; the note says which.
    public var peer: PeerValue?
    public var note: String

    public init(
        suite: String, name: String, unit: String, better: Better, ours: Samples, peer: PeerValue?,
        note: String
    ) {
        self.suite = suite
        self.name = name
        self.unit = unit
        self.better = better
        self.ours = ours
        self.peer = peer
        self.note = note
    }

    /// Ours in parts of the peer's.
    public var ratio: Double? {
        guard let peer, peer.value > 0 else { return nil }
        return ours.median / peer.value
    }

    /// The line of `--format json`, without its newline.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("suite", suite)
        writer.field("case", name)
        writer.field("unit", unit)
        writer.field("better", better.rawValue)
        writer.field("ours", Self.rounded(ours.median))
        writer.key("spread")
        writer.beginArray()
        writer.number(Self.rounded(ours.spread.lowerBound))
        writer.number(Self.rounded(ours.spread.upperBound))
        writer.endArray()
        writer.field("runs", ours.count)
        writer.key("peer")
        if let peer {
            writer.beginObject()
            writer.field("name", peer.name)
            writer.field("version", peer.version)
            writer.field("value", Self.rounded(peer.value))
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("ratio")
        if let ratio { writer.number(Self.rounded(ratio)) } else { writer.null() }
        writer.field("note", note)
        writer.endObject()
        return writer.bytes
    }

    /// Five digits that mean something: what is beyond them is noise.
    static func rounded(_ value: Double) -> Double {
        guard value.isFinite, value != 0 else { return value }
        var scale = 1.0
        var magnitude = abs(value)
        while magnitude < 10_000, scale < 1e12 {
            magnitude *= 10
            scale *= 10
        }
        return (value * scale).rounded() / scale
    }

    /// A number for people: five digits at most.
    public static func text(_ value: Double) -> String {
        let value = rounded(value)
        return value.rounded() == value && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

/// Which of two values is the better one.
public enum Better: String, Hashable, Sendable { case higher, lower }
