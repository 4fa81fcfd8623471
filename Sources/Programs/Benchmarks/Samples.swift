/// What the runs of one side of a comparison measured.
public struct Samples: Hashable, Sendable {
    public private(set) var values: [Double]

    /// `values` must not be empty.
    public init(_ values: [Double]) {
        precondition(!values.isEmpty, "there is no median of nothing")
        self.values = values
    }

    public var count: Int { values.count }

    /// The value in the middle, or the mean of the two that are.
    public var median: Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The least and the most.
    public var spread: ClosedRange<Double> { (values.min() ?? 0)...(values.max() ?? 0) }

    /// The value that a `share` of all do not exceed, by the nearest rank: 0.5 is the median's neighbour, 0.99 the p99.
    public func percentile(_ share: Double) -> Double {
        let sorted = values.sorted()
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}
