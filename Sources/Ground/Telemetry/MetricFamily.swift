import Synchronization

/// What a family is made of.
public protocol Instrument: AnyObject, Sendable {
    /// The type in the exposition, such as `counter`.
    static var kind: String { get }
    func write(into exposition: inout Exposition, _ series: Exposition.Series)
}

/// The instruments of one name, one for each set of label values.
///
/// The number of sets is bounded: what comes beyond it is counted in one instrument whose every label is `other`. Hot
/// paths keep the instrument that ``with(_:)`` gave them.
public final class MetricFamily<Member: Instrument>: Sendable {
    public let name: String
    public let help: String
    public let labels: [String]
    /// The most sets of label values.
    public let maximumSeries: Int
    private let make: @Sendable () -> Member
    private let members = Mutex<[[String]: Member]>([:])
    private let overflow = Counter()

    init(
        name: String, help: String, labels: [String], maximumSeries: Int,
        make: @escaping @Sendable () -> Member
    ) {
        self.name = name
        self.help = help
        self.labels = labels
        self.maximumSeries = maximumSeries
        self.make = make
    }

    /// The instrument of these label values, in the order of the labels.
    public func with(_ values: String...) -> Member {
        precondition(values.count == labels.count, "\(name) has the labels \(labels)")
        return members.withLock { members in
            if let member = members[values] { return member }
            let isFull = members.count >= maximumSeries
            if isFull { overflow.add() }
            let key = isFull ? labels.map { _ in "other" } : values
            if let member = members[key] { return member }
            let member = make()
            members[key] = member
            return member
        }
    }

    /// How often an instrument was asked for that there was no room for.
    public var overflows: UInt64 { overflow.value }

    func write(into exposition: inout Exposition) {
        exposition.family(name: name, help: help, kind: Member.kind)
        let sorted = members.withLock { members in
            members.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        }
        for (values, member) in sorted {
            member.write(
                into: &exposition, Exposition.Series(name: name, labels: Array(zip(labels, values))))
        }
    }
}
