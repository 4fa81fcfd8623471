import Benchmarks
import Core
import Scheduling

/// How well a policy uses machines: the median over cells from several seeds, or a trace.
struct PackingCases: Sendable {
    let source: CellSource

    var cases: [Case] {
        SchedulingPolicy.allCases.map(nodes) + SchedulingPolicy.allCases.map(gpus)
    }

    /// The fewest nodes, in an order that the seed shuffles, on which all of the work finds a place.
    private func nodes(_ policy: SchedulingPolicy) -> Case {
        Case(
            "pack-nodes-\(policy.rawValue)", unit: "% of the nodes", better: .lower,
            note: source.note(generated: "cells of 1,000 nodes", traced: "CPU and memory alone")
        ) { _ in
            Contest {
                try median(
                    of: source.cells(withGPUs: false) { seed in
                        Cell.generated(nodes: 1000, tasks: 30_000, seed: seed).asking(0.65) { $0.cpuMillis }
                            .asking(0.6) { $0.gpus }
                    }
                ) { cell in 100 * Double(try needed(cell, policy)) / Double(cell.nodes.count) }
            }
        }
    }

    private func needed(_ cell: Cell, _ policy: SchedulingPolicy) throws -> Int {
        var (low, high) = (1, cell.nodes.count)
        while low < high {
            let middle = (low + high) / 2
            var part = cell
            part.nodes.removeLast(cell.nodes.count - middle)
            let outcome = try PlacementRun(cell: part, policy: policy, batch: 1).run()
            if outcome.placed == cell.asks.count { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The share of the GPUs asked for that are given, when as many are asked for as there are.
    private func gpus(_ policy: SchedulingPolicy) -> Case {
        Case(
            "pack-gpu-\(policy.rawValue)", unit: "% of the demand", better: .higher,
            note: source.note(generated: "full cells of 1,000 nodes", traced: "GPUs in thousandths")
        ) { _ in
            Contest {
                try median(
                    of: source.cells(withGPUs: true) { seed in
                        Cell.generated(nodes: 1000, tasks: 60_000, seed: seed).asking(1) { $0.gpus }
                    }
                ) { cell in
                    let outcome = try PlacementRun(cell: cell, policy: policy, batch: 1).run()
                    return 100 * Double(outcome.gpusPlaced) / Double(max(1, outcome.gpusAsked))
                }
            }
        }
    }

    private func median(of cells: [Cell], _ figure: (Cell) throws -> Double) throws -> Double {
        Samples(try cells.map(figure)).median
    }
}

/// Where cells come from: a generator and its seeds, or files.
struct CellSource: Sendable {
    var seeds = 20
    /// The files of nodes and tasks, in place of the generator.
    var trace: (nodes: String, tasks: String)?

    func cells(withGPUs: Bool, generate: (UInt64) -> Cell) throws -> [Cell] {
        let range = 1...UInt64(seeds)
        guard let trace else { return range.map { generate($0) } }
        let cell = try TraceFile.read(nodes: trace.nodes, tasks: trace.tasks)
        return range.map { (withGPUs ? cell : cell.withoutGPUs).inOrder(of: $0) }
    }

    func note(generated: String, traced: String) -> String {
        "the median of \(seeds) " + (trace == nil ? generated : "orders of the trace's nodes; \(traced)")
    }
}
