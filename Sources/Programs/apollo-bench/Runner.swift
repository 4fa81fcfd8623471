import Core

/// Measures the cases one after the other: ours and the peer's in turn, so that a noisy minute hits both.
struct Runner {
    let options: BenchOptions

    /// Whether every case ran.
    func run() async -> Bool {
        var report = Report(format: options.format)
        var isComplete = true
        for benchmark in options.cases {
            let peers = benchmark.peers.filter { options.peer == nil || $0.name == options.peer }
            do {
                if peers.isEmpty {
                    guard options.peer == nil else { continue }
                    report.add(try await measure(benchmark, nil))
                }
                for peer in peers { report.add(try await measure(benchmark, peer)) }
            } catch {
                Output.error("apollo-bench: \(options.suite.name) \(benchmark.name): \(error)")
                isComplete = false
            }
        }
        report.finish()
        return isComplete
    }

    private func measure(_ benchmark: any Benchmark, _ peer: Peer?) async throws -> Result {
        var result = Result(
            suite: options.suite.name, name: benchmark.name, unit: benchmark.unit, better: benchmark.better,
            note: benchmark.note)
        let version = peer?.version()
        if let peer, version == nil {
            result.add(note: "\(peer.name) is not installed: \(peer.installation)")
        }
        let ours = try await benchmark.start(.ours)
        var theirs: (any Contestant)?
        do {
            if let peer, version != nil { theirs = try await benchmark.start(.peer(peer.name)) }
            var peerFigures: [Double] = []
            for _ in 0..<options.runs {
                result.figures.append(try await ours.measure())
                if let theirs { peerFigures.append(try await theirs.measure()) }
            }
            if let peer, let version {
                result.peer = Result.PeerFigure(name: peer.name, version: version, value: median(peerFigures))
            }
        } catch {
            await ours.finish()
            await theirs?.finish()
            throw error
        }
        await ours.finish()
        await theirs?.finish()
        return result
    }
}

func median(_ figures: [Double]) -> Double {
    let sorted = figures.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
