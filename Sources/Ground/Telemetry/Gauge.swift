import Synchronization

/// A number that goes up and down.
public final class Gauge: Instrument {
    public static let kind = "gauge"

    private let bits = Atomic<UInt64>(0)

    public init() {}

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    public func add(_ amount: Double) { bits.addDouble(amount) }

    public func write(into exposition: inout Exposition, _ series: Exposition.Series) {
        exposition.sample(series, value)
    }
}

extension Atomic where Value == UInt64 {
    /// Adds to the number whose bit pattern this is.
    func addDouble(_ amount: Double) {
        var old = load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let result = weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if result.exchanged { return }
            old = result.original
        }
    }
}
