/// Seeds that failed once, each with what was wrong. A seed that `apollo-bench simulate` prints comes here when its fault is mended,
/// and is run by every test from then on.
enum Regressions {
    struct Seed: Sendable, CustomStringConvertible {
        var seed: UInt64
        var hours: Double
        var fault: String

        var description: String { "seed \(seed)" }
    }

    static let seeds = [
        Seed(
            seed: 19, hours: 0.5,
            fault:
                "a service waited to replace what had failed until a clock that was set back had come up again"
        ),
        Seed(
            seed: 10, hours: 1,
            fault:
                "what was told to have started by a clock that was set back meanwhile had an hour more than its time-out"
        ),
        Seed(
            seed: 16, hours: 1,
            fault: "a job asked for ever, without a pause, to have a task stopped while that was refused"),
        Seed(
            seed: 138, hours: 1,
            fault:
                "a node that was back had its room given to others before what it still ran in another runtime was counted"
        ),
        Seed(
            seed: 484, hours: 1,
            fault:
                "a start that was under way in a node that was back, and had been given up, took room that others were given"
        ),
        Seed(seed: 95, hours: 1, fault: "after a restart tasks told why they had waited before it"),
        Seed(
            seed: 37, hours: 0.3,
            fault:
                "an update that is held, with a task that waits for what it did not get to, was taken for one that lacks something"
        ),
    ]
}
