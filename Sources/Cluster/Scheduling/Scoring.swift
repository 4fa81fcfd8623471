import Glibc  // lint:allow pure powf, which is arithmetic

/// The second step: how good a node is for an ask, by policy. Higher is better; only nodes with room are scored.
enum Scoring {
    /// Lieb's square ice constant, (4/3)^(3/2): the base that the bound proved for E-PVM needs.
    static let lieb: Float = 1.539_600_717_839_002

    /// An ask as scoring sees it.
    struct Figures: Sendable {
        let ask: SIMD4<Float>
        let wantsGPU: Bool
        /// L^(ask / capacity) - 1 for each kind of capacity that nodes have, for E-PVM.
        var growth: [SIMD4<Float>] = []

        init(_ amounts: Amounts) {
            ask = amounts.weights
            wantsGPU = amounts.gpus > 0
        }

        /// Learns of kinds of capacity that came since.
        mutating func learn(_ inverses: [SIMD4<Float>]) {
            while growth.count < inverses.count {
                growth.append(Scoring.power(ask * inverses[growth.count]) - 1)
            }
        }
    }

    /// Lieb's constant to the power of each.
    static func power(_ exponents: SIMD4<Float>) -> SIMD4<Float> {
        SIMD4(
            powf(lieb, exponents.x), powf(lieb, exponents.y), powf(lieb, exponents.z), powf(lieb, exponents.w)
        )
    }

    /// What a GPU is worth beside shares of CPU and memory: nodes have few of them, and no task can use the half of one
    /// here and the half there.
    private static let gpuReserve: Float = 2

    @inline(__always)
    static func score(
        _ figures: borrowing Figures, _ node: NodeFigures, kind: Int, _ policy: SchedulingPolicy
    ) -> Float {
        switch policy {
        case .roundRobin: return 0  // The pick goes by turns.
        case .bestFit: return -((node.free - figures.ask) * node.inverse).sum()
        case .spread: return ((node.free - figures.ask) * node.inverse).sum()
        case .epvm:
            // L^(used + ask) - L^used, summed over the resources.
            return -(node.cost * figures.growth[kind]).sum()
        case .hybrid: return hybrid(figures, node)
        }
    }

    /// Best fit, that counts what would be stranded: room of one resource that nobody can use because another is gone, and
    /// room beside GPUs, without which they could not be used.
    @inline(__always)
    private static func hybrid(_ figures: borrowing Figures, _ node: NodeFigures) -> Float {
        let left = (node.free - figures.ask) * node.inverse
        let sum = left.sum()
        if figures.wantsGPU { return -sum }
        // CPU and memory beside free GPUs are theirs: taken only where nothing else is left.
        return node.free.w > 0 ? -sum - gpuReserve - left.w : -sum
    }
}
