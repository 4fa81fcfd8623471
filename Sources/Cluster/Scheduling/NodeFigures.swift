/// What scoring looks at of a node: kept beside its exact amounts, and renewed whenever those change.
struct NodeFigures: Sendable {
    /// What is free, of CPU, memory, disk and GPUs.
    var free: SIMD4<Float>
    /// One over the capacity; zero where there is none, so that what a node does not have weighs nothing.
    let inverse: SIMD4<Float>
    /// Lieb's constant to the power of how full each resource is, for E-PVM; one otherwise.
    var cost: SIMD4<Float> = SIMD4(repeating: 1)

    init(capacity: Amounts, used: Amounts, policy: SchedulingPolicy) {
        let whole = capacity.weights
        inverse = (SIMD4<Float>(repeating: 1) / whole).replacing(with: 0, where: whole .<= 0)
        free = SIMD4(repeating: 0)
        update(capacity: capacity, used: used, policy: policy)
    }

    @inline(__always)
    mutating func update(capacity: Amounts, used: Amounts, policy: SchedulingPolicy) {
        free = capacity.weights - used.weights
        guard policy == .epvm else { return }
        cost = Scoring.power(used.weights * inverse)
    }
}
