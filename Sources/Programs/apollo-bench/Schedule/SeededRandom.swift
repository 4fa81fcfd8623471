/// Numbers that a seed decides, the same everywhere: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of `choices`, as often as its weight says.
    mutating func choose<Value>(_ choices: [(weight: Double, value: Value)]) -> Value {
        let whole = choices.reduce(0) { $0 + $1.weight }
        var left = Double.random(in: 0..<whole, using: &self)
        for choice in choices {
            left -= choice.weight
            if left < 0 { return choice.value }
        }
        return choices[choices.count - 1].value
    }
}
