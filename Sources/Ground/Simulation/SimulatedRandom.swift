public import Core

/// Random numbers from the simulation's seed. Each user has its own, so that one more number drawn here changes nothing
/// there.
public final class SimulatedRandom: RandomSource, @unchecked Sendable {
    // Confined to the simulator's thread, as all of a simulation is.
    private var generator: SplitMix64

    init(_ generator: SplitMix64) { self.generator = generator }

    public func next() -> UInt64 { generator.next() }

    /// True with the probability given.
    public func chance(_ probability: Double) -> Bool {
        // No number is drawn for what is certain: a fault that is switched off costs nothing.
        if probability <= 0 { return false }
        return probability >= 1 || unit() < probability
    }

    /// A length of time drawn evenly from the range.
    public func duration(in range: ClosedRange<Duration>) -> Duration {
        let low = range.lowerBound.inNanoseconds
        let width = range.upperBound.inNanoseconds - low
        return .nanoseconds(low + Int64(next(below: UInt64(width) + 1)))
    }

    /// One of the elements.
    public func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next(below: UInt64(elements.count)))]
    }

    func split() -> SimulatedRandom { SimulatedRandom(generator.split()) }
}
