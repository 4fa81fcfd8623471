import Simulation

/// Has `body` look at a large value where it is. What a class holds is copied otherwise before a method of it is called: the method might
/// change what the class holds.
@inline(__always)
func lent<Value, Result>(_ value: inout Value, _ body: (borrowing Value) -> Result) -> Result { body(value) }

// What the parts of a simulation draw by lot.
extension SplitMix64 {
    mutating func chance(_ share: Double) -> Bool {
        share > 0 && (share >= 1 || Double(next() >> 11) * 0x1p-53 < share)
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next(below: Int(range.upperBound - range.lowerBound) + 1))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(below: elements.count)] }
}

/// Virtual time is counted in microseconds.
enum Span {
    static let millisecond: Int64 = 1000
    static let second: Int64 = 1_000_000
    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 3_600_000_000
}
