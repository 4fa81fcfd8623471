import Benchmarks
import Core
import Scheduling

/// A cell from files: `--trace NODES.csv TASKS.csv`. The first line names the columns: `cpu_milli`, `memory_mib`, and `gpu` or
/// `num_gpu`, and `gpu_milli` where tasks
/// share them; others are passed over. GPUs are counted in thousandths, and not one by one. The public trace of a GPU cluster that Alibaba published in 2023 has them.
enum TraceFile {
    static func read(nodes: String, tasks: String) throws -> Cell {
        let nodes = try rows(of: nodes).map { amounts in
            var capacity = amounts
            capacity.tasks = 1000
            return Offer(capacity: capacity)
        }
        let asks = try rows(of: tasks).map { amounts in
            var amounts = amounts
            amounts.tasks = 1
            return Ask(amounts: amounts)
        }
        return Cell(nodes: nodes, asks: asks)
    }

    private static func rows(of path: String) throws -> [Amounts] {
        guard let text = try TextFile.read(path) else {
            throw ApolloError(.notFound, "there is no file \(path)")
        }
        let lines = text.split(whereSeparator: \.isNewline)
        guard let head = lines.first else { throw ApolloError(.invalid, "\(path) is empty") }
        let names = head.split(separator: ",", omittingEmptySubsequences: false)
        func column(_ candidates: String...) throws -> Int {
            if let index = names.firstIndex(where: { candidates.contains(String($0)) }) { return index }
            throw ApolloError(
                .invalid, "\(path) has no column \(candidates.joined(separator: " or "))",
                hint: "the first line names the columns: cpu_milli,memory_mib,gpu")
        }
        let (cpu, memory) = (try column("cpu_milli"), try column("memory_mib"))
        let gpus = try column("gpu", "num_gpu")
        let share = names.firstIndex(of: "gpu_milli")
        return try lines.dropFirst().enumerated().map { index, line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > max(cpu, memory, gpus), let cpu = Int64(fields[cpu]),
                let memory = Int64(fields[memory]), let gpus = Int64(fields[gpus]), cpu >= 0, memory >= 0,
                gpus >= 0
            else { throw ApolloError(.invalid, "\(path), line \(index + 2), holds no amounts") }
            let each = share.flatMap { $0 < fields.count ? Int64(fields[$0]) : nil } ?? 1000
            return Amounts(cpuMillis: cpu, memory: memory << 20, gpus: gpus * each)
        }
    }
}
