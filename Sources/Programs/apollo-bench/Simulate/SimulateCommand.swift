import Arguments
import ClusterSimulations
import Concurrency
import Core
import Terminal

/// `apollo-bench simulate`: a suite as all others, and with seeds or hours the campaign that looks for faults.
enum SimulateCommand {
    private static let seeds = Parameter.option(
        "seeds", .integer("N", in: 1...1_000_000 as ClosedRange<Int>), default: 100,
        help: "How many runs, each from a seed of its own, from 0 on.")
    private static let hours = Parameter.option(
        "hours", .number("H", in: 0.1...1000), default: 1,
        help: "The virtual hours of each, with 1,000 submissions and 20 faults an hour.")
    private static let seed = Parameter.option(
        "seed", .integer("S", in: 0...Int.max as ClosedRange<Int>),
        help: "This seed alone, and what happened last in it.")
    private static let planted = Parameter.option(
        "planted", .choice(PlantedBug.self, "BUG"),
        help: "With a bug, which has to be found: the run then succeeds when it was.")
    private static let lines = Parameter.option(
        "lines", .integer("N", in: 0...5000 as ClosedRange<Int>), default: 60,
        help: "How many of the last events of a failing seed are shown.")

    static let command = Command(
        "simulate", summary: "Run a cluster on a virtual clock, with everything that can go wrong",
        discussion: """
            The real decisions of managers, workers, leases, scheduler and jobs run in one thread a seed; crashes, cuts, pauses, \
            slow and full disks, lost and repeated messages and clocks that are set are drawn from the seed. What must never \
            be is checked all the time: an acknowledged task lost, two live copies of what must not run twice, resources \
            oversold, a reason that is not true, something that does not come to rest when the faults stop.

            With --seeds, --hours, --seed or --planted these are run once and the sum of what happened is printed. The same seed \
            is the same run again; one that fails is printed with what happened last.

            Otherwise, as with every suite, how fast that goes is measured: --case, --peer, --runs, --format and --list are those of the \
            other suites, and with them --seeds and --hours say how much a sample is.
            """,
        parameters: [seeds, hours, seed, planted, lines] + SuiteCommand.parameters,
        examples: [
            Example("a hundred hours", "apollo-bench simulate --seeds 100 --hours 1"),
            Example("how fast it is, as JSON", "apollo-bench simulate --case hours-per-second --format json"),
            Example("one seed again, with its events", "apollo-bench simulate --seed 17"),
            Example("prove that a bug is found", "apollo-bench simulate --planted fences-nobody"),
        ]
    ) { invocation in
        let isOne = invocation.isGiven(seed) || invocation.isGiven(planted) || invocation.isGiven(lines)
        let isCampaign = isOne || invocation.isGiven(seeds) || invocation.isGiven(hours)
        guard isCampaign, !SuiteCommand.isAsked(invocation) else {
            guard !isOne else {
                throw invocation.usageError(
                    "--seed, --planted and --lines do not go with the measurement of a case",
                    hint: "leave out --case, --peer, --runs, --format and --list")
            }
            let suite = SimulateSuite.suite(seeds: invocation[seeds], hours: invocation[hours])
            return try await SuiteCommand.run(suite, invocation)
        }
        return try await search(invocation)
    }

    /// Looks for a seed that breaks a rule.
    private static func search(_ invocation: Invocation) async throws -> ExitStatus {
        let output = Output.standardOutput(variables: [:])
        let all = invocation[seed].map { [UInt64($0)] } ?? (0..<UInt64(invocation[seeds])).map { $0 }
        var campaign = Campaign(seeds: all, hours: invocation[hours], bug: invocation[planted])
        try await campaign.run(clock: Environment.live.clock)
        try output.write(campaign.summary)
        guard let found = campaign.violation else {
            return invocation[planted] == nil ? .success : .failure
        }
        // The same again, in words.
        let told = campaign.simulation(of: found.seed).run(traces: true)
        try output.write(campaign.story(of: told, lines: invocation[lines]))
        return invocation[planted] == nil ? .failure : .success
    }
}
