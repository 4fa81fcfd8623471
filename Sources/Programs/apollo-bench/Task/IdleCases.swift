import Benchmarks
import Core
import PlatformClients

/// What the platform costs while nobody wants anything of it.
enum IdleCases {
    static let memory = Case(
        "idle-memory", unit: "MiB", better: .lower,
        note: "PSS of the platform and its launcher after 10 s without work, one task run before"
    ) { workshop in
        let platform = try await started(workshop)
        var contest = Contest {
            try await workshop.environment.clock.sleep(for: .seconds(10))
            return try sum("Pss", platform)
        }
        contest.remark = "RSS \(Measurement.text(try sum("Rss", platform))) MiB"
        return contest
    }

    static let processor = Case(
        "idle-cpu", unit: "% of a core", better: .lower, note: "over 20 s without work, one task run before"
    ) { workshop in
        let platform = try await started(workshop)
        let clock = workshop.environment.clock
        return Contest {
            // A launcher that ends meanwhile takes its share with it: it is not counted then.
            let (start, before) = (clock.now, try spent(platform))
            try await clock.sleep(for: .seconds(20))
            let used = Double((try spent(platform) - before).inMicroseconds)
            return max(0, used) / Double(start.duration(to: clock.now).inMicroseconds) * 100
        }
    }

    private static func started(_ workshop: Workshop) async throws -> Platform {
        let platform = try await Platform.start(in: workshop)
        _ = try await platform.client().runToEnd(.process("/bin/true"), in: workshop)
        try await workshop.environment.clock.sleep(for: .seconds(10))
        return platform
    }

    private static func sum(_ name: String, _ platform: Platform) throws -> Double {
        try platform.processes().reduce(0) { $0 + (try $1.memory(name)) }
    }

    private static func spent(_ platform: Platform) throws -> Duration {
        try platform.processes().reduce(.zero) { $0 + (try $1.processorTime()) }
    }
}
