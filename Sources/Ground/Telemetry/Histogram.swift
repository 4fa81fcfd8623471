import Core
import Synchronization

/// Counts observations by size, in buckets fixed beforehand.
public final class Histogram: Instrument {
    public static let kind = "histogram"

    /// From 100 µs to 10 s, for requests.
    public static let latencySeconds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// The upper bounds, ascending; one more bucket takes what is above the last.
    public let bounds: [Double]
    private let buckets: [Counter]
    private let total = Atomic<UInt64>(0)

    public init(bounds: [Double] = Histogram.latencySeconds) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds must ascend")
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Counter() }
    }

    public func observe(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        buckets[bucket].add()
        total.addDouble(value)
    }

    /// Counts a duration, in seconds.
    public func observe(_ duration: Duration) { observe(duration.inSeconds) }

    /// How many observations there were.
    public var count: UInt64 { buckets.reduce(0) { $0 + $1.value } }
    /// What they add up to.
    public var sum: Double { Double(bitPattern: total.load(ordering: .relaxed)) }

    public func write(into exposition: inout Exposition, _ series: Exposition.Series) {
        // The count is what the buckets say, so that a scrape never contradicts itself.
        var count: UInt64 = 0
        for (index, bucket) in buckets.enumerated() {
            count += bucket.value
            let bound = index < bounds.count ? Exposition.number(bounds[index]) : "+Inf"
            exposition.sample(series.suffixed("_bucket").labelled("le", bound), Double(count))
        }
        exposition.sample(series.suffixed("_sum"), sum)
        exposition.sample(series.suffixed("_count"), Double(count))
    }
}
