import ClusterSimulations
import Core
import Glibc

/// Many simulations, as many at once as there are cores.
struct Campaign {
    let seeds: [UInt64]
    let hours: Double
    let bug: PlantedBug?
    private(set) var reports: [SimulationReport] = []
    private(set) var elapsed = Duration.zero

    init(seeds: [UInt64], hours: Double, bug: PlantedBug?) {
        self.seeds = seeds
        self.hours = hours
        self.bug = bug
    }

    /// How many run at once.
    static var width: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    func simulation(of seed: UInt64) -> ClusterSimulation {
        ClusterSimulation(seed: seed, hours: hours, bug: bug)
    }

    /// Runs them in order, and no further ones once one has failed.
    mutating func run(clock: any MonotonicClock) async throws {
        let start = clock.now
        try await withThrowingTaskGroup(of: SimulationReport.self) { group in
            var waiting = seeds.makeIterator()
            func next() {
                guard let seed = waiting.next() else { return }
                let simulation = simulation(of: seed)
                group.addTask { simulation.run() }
            }
            for _ in 0..<Self.width { next() }
            while let report = try await group.next() {
                try Task.checkCancellation()
                reports.append(report)
                if violation == nil { next() }
            }
        }
        elapsed = start.duration(to: clock.now)
    }

    /// The failing run with the smallest seed.
    var violation: SimulationReport? {
        reports.filter { $0.violation != nil }.min { $0.seed < $1.seed }
    }

    /// Virtual hours in a second of all cores.
    var hoursPerSecond: Double { Double(reports.count) * hours / max(elapsed.inSeconds, 0.001) }

    /// The same where each of the seeds was the same run again.
    private var fingerprint: UInt64 {
        reports.sorted { $0.seed < $1.seed }.reduce(0) { ($0 &* 31) &+ $1.fingerprint }
    }

    var summary: String {
        func sum(_ count: (SimulationReport.Counts) -> Int) -> Int {
            reports.reduce(0) { $0 + count($1.counts) }
        }
        return """
            \(reports.count) runs of \(hours) virtual hours in \(elapsed.short): \(Int(hoursPerSecond * 60)) virtual hours a minute
            \(sum(\.submissions)) submissions, \(sum(\.acknowledged)) acknowledged; \(sum(\.starts)) attempts; \
            \(sum(\.faults)) faults; \(sum(\.losses)) nodes lost; \(sum(\.managers)) lives of managers; \
            \(reports.reduce(0) { $0 + $1.events }) events; \
            fingerprint \(String(fingerprint, radix: 16))
            \(violation == nil ? "no rule was broken" : "a rule was broken")

            """
    }

    func story(of report: SimulationReport, lines: Int) -> String {
        let again =
            "apollo-bench simulate --seed \(report.seed)" + (hours == 1 ? "" : " --hours \(hours)")
            + (bug.map { " --planted \($0.rawValue)" } ?? "")
        var text = ""
        for line in report.trace.suffix(lines) { text += line + "\n" }
        let what =
            report.violation.map { "\($0) (at \($0.time.short))" } ?? "the same seed went well this time"
        return text + "seed \(report.seed): \(what)\nto see it again: \(again)\n"
    }
}
