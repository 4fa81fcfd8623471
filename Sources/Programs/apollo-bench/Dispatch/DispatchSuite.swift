import Benchmarks

/// `apollo-bench dispatch`: how many real processes a second go from submission to an exit that is kept.
enum DispatchSuite {
    static let suite = Suite(
        "dispatch",
        summary: "How many tasks a second are started, ended and kept; and how soon things happen",
        cases: [
            NoopCases.tasks, NoopCases.array, NoopCases.managerTime, ReactionCases.restart,
            ReactionCases.logLatency, ReactionCases.replacement,
        ])
}
