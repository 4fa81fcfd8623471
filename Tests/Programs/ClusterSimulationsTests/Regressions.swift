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
        )
    ]
}
