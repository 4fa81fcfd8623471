import Synchronization

/// A number that only grows. Counting is one relaxed atomic addition.
public final class Counter: Instrument {
    public static let kind = "counter"

    private let count = Atomic<UInt64>(0)

    public init() {}

    public var value: UInt64 { count.load(ordering: .relaxed) }

    public func add(_ amount: UInt64 = 1) { count.add(amount, ordering: .relaxed) }

    public func write(into exposition: inout Exposition, _ series: Exposition.Series) {
        exposition.sample(series, Double(value))
    }
}
