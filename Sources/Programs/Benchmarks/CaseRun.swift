public import Core

/// Runs a case: makes it ready, takes the samples of all sides in turn, and puts everything away.
public struct CaseRun: Sendable {
    public let suite: String
    public let benchmark: Case
    /// How many samples each side takes.
    public let runs: Int
    /// Told what happens, for people who wait.
    public let progress: @Sendable (String) -> Void

    public init(suite: String, _ benchmark: Case, runs: Int, progress: @escaping @Sendable (String) -> Void) {
        self.suite = suite
        self.benchmark = benchmark
        self.runs = runs
        self.progress = progress
    }

    /// One measurement for each peer, or one without a peer.
    public func measure(environment: Environment) async throws -> [Measurement] {
        let workshop = try Workshop(environment: environment)
        do {
            let measurements = try await measure(in: workshop)
            await workshop.close()
            return measurements
        } catch {
            await workshop.close()
            throw error
        }
    }

    private func measure(in workshop: Workshop) async throws -> [Measurement] {
        var versions: [String: String] = [:]
        for peer in benchmark.peers { versions[peer.name] = try await peer.version(workshop) }
        workshop.measure(Set(versions.keys))
        progress("making ready")
        let contest = try await benchmark.prepare(workshop)
        var ours: [Double] = []
        var theirs: [String: [Double]] = [:]
        for run in 1...runs {
            progress("run \(run) of \(runs)")
            try Task.checkCancellation()
            ours.append(try await contest.ours())
            for peer in benchmark.peers {
                guard let sampler = contest.peers[peer.name] else { continue }
                theirs[peer.name, default: []].append(try await sampler())
            }
        }
        let note = [benchmark.note, contest.remark].filter { !$0.isEmpty }
        guard !benchmark.peers.isEmpty else { return [measurement(Samples(ours), nil, note)] }
        return benchmark.peers.map { peer in
            guard let version = versions[peer.name], let values = theirs[peer.name] else {
                let missing = "\(peer.name) is not installed: \(peer.installation), or 'make peers'"
                return measurement(Samples(ours), nil, note + [missing])
            }
            let value = Measurement.PeerValue(
                name: peer.name, version: version, value: Samples(values).median)
            return measurement(Samples(ours), value, note)
        }
    }

    private func measurement(
        _ ours: Samples, _ peer: Measurement.PeerValue?, _ note: [String]
    ) -> Measurement {
        Measurement(
            suite: suite, name: benchmark.name, unit: benchmark.unit, better: benchmark.better, ours: ours,
            peer: peer, note: note.joined(separator: "; "))
    }
}
