import Glibc
import Scheduling

/// Machines and the work for them: what the schedulers are measured on.
struct Cell: Sendable {
    var nodes: [Offer]
    /// The asks in the order they come; many are alike.
    var asks: [Ask]

    private static let gibibyte: Int64 = 1 << 30

    /// Made from a seed. Machines are of nine kinds, one in four of them with GPUs. Work is of `shapeCount` shapes, skewed as
    /// traces of production cells are: most tasks small and few as large as a node, memory for a core from 512 MiB to 16 GiB,
    /// one shape in eight with GPUs, and some shapes asked for a hundred times as often as others.
    static func generated(nodes nodeCount: Int, tasks: Int, shapes shapeCount: Int = 160, seed: UInt64)
        -> Cell
    {
        var random = SeededRandom(seed: seed)
        let shapes = (0..<shapeCount).map { shape($0, &random) }
        // Zipf's law with an exponent under one: the first is asked for about a hundred times as often as the last.
        let order = shapes.shuffled(using: &random)
        var cumulative: [Double] = []
        var sum = 0.0
        for rank in 1...shapeCount {
            sum += 1 / pow(Double(rank), 0.9)
            cumulative.append(sum)
        }
        let nodes = (0..<nodeCount).map { node($0, &random) }
        let asks = (0..<tasks).map { _ -> Ask in
            let point = Double.random(in: 0..<sum, using: &random)
            var (low, high) = (0, shapeCount - 1)
            while low < high {
                let middle = (low + high) / 2
                if cumulative[middle] > point { high = middle } else { low = middle + 1 }
            }
            return Ask(amounts: order[low])
        }
        return Cell(nodes: nodes, asks: asks)
    }

    /// The same work, cut off where as much of something is asked for as that share of what there is.
    func asking(_ share: Double, of amount: (Amounts) -> Int64) -> Cell {
        let limit = Int64(Double(nodes.reduce(0) { $0 + amount($1.capacity) }) * share)
        var (cell, asked) = (self, Int64(0))
        cell.asks = Array(
            asks.prefix { ask in
                asked += amount(ask.amounts)
                return asked <= limit
            })
        return cell
    }

    /// The same work at a hundredth of its size, without GPUs, so that a node takes a hundred of them.
    func small() -> Cell {
        var cell = self
        for index in asks.indices {
            let amounts = asks[index].amounts
            cell.asks[index].amounts = Amounts(
                cpuMillis: max(1, amounts.cpuMillis / 100), memory: amounts.memory / 100,
                disk: amounts.disk / 100,
                tasks: 1)
        }
        return cell
    }

    /// The same cell with its nodes in an order that the seed decides.
    func inOrder(of seed: UInt64) -> Cell {
        var (cell, random) = (self, SeededRandom(seed: seed))
        cell.nodes.shuffle(using: &random)
        return cell
    }

    /// The same cell as if it had no GPUs and nobody asked for any.
    var withoutGPUs: Cell {
        var cell = self
        for index in nodes.indices { cell.nodes[index].capacity.gpus = 0 }
        for index in asks.indices { cell.asks[index].amounts.gpus = 0 }
        return cell
    }

    private static func node(_ index: Int, _ random: inout SeededRandom) -> Offer {
        let kind: (cores: Int64, memory: Int64, gpus: Int64) = random.choose([
            (15, (32, 128, 0)), (20, (64, 256, 0)), (15, (96, 384, 0)), (15, (96, 768, 0)),
            (10, (128, 512, 0)),
            (10, (96, 768, 8)), (6, (64, 256, 4)), (5, (104, 512, 2)), (4, (128, 1024, 8)),
        ])
        return Offer(
            capacity: Amounts(
                cpuMillis: kind.cores * 1000, memory: kind.memory * gibibyte, disk: 2000 * gibibyte,
                gpus: kind.gpus, tasks: 1000),
            labels: [
                "zone": "zone-\(index % 3)", "rack": "rack-\(index % 100)",
                "arch": index % 5 == 0 ? "arm64" : "x86_64",
            ])
    }

    private static func shape(_ index: Int, _ random: inout SeededRandom) -> Amounts {
        if index % 8 == 0 {
            let gpus: Int64 = random.choose([(60, 1), (20, 2), (12, 4), (8, 8)])
            let cores = gpus * Int64.random(in: 2...12, using: &random)
            return Amounts(
                cpuMillis: cores * 1000, memory: gpus * Int64.random(in: 8...64, using: &random) * gibibyte,
                disk: 10 * gibibyte, gpus: gpus, tasks: 1)
        }
        let millis: Int64 = random.choose([
            (18, 100), (18, 250), (18, 500), (16, 1000), (12, 2000), (8, 4000), (5, 8000), (3, 16000),
            (1.5, 32000),
            (0.5, 64000),
        ])
        let perCore: Int64 = random.choose([
            (10, 512), (20, 1024), (25, 2048), (25, 4096), (15, 8192), (5, 16384),
        ])
        // No two shapes are quite the same.
        let jitter = Int64.random(in: 90...110, using: &random)
        let cpu = millis * jitter / 100
        return Amounts(
            cpuMillis: cpu, memory: min(cpu * perCore * 1024 * 1024 / 1000, 500 * gibibyte),
            disk: Int64.random(in: 1...20, using: &random) * gibibyte, tasks: 1)
    }
}
