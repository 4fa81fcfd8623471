/// Benchmarks that belong together. Each suite is an extension in a file of its own, and is named in `Bench.suites`.
struct Suite: Sendable {
    var name: String
    var cases: [any Benchmark]
}

/// One figure, and how it is taken.
protocol Benchmark: Sendable {
    var name: String { get }
    var unit: String { get }
    var better: Better { get }
    /// Against whom; empty where nobody does the same.
    var peers: [Peer] { get }
    /// What one must know to read the figure.
    var note: String? { get }

    /// Gets a contender ready. Called once per contender, and followed by `finish`.
    func start(_ contender: Contender) async throws -> any Contestant
}

/// Which way is up.
enum Better: String, Sendable {
    case higher
    case lower
}

/// Who is measured.
enum Contender: Sendable {
    case ours
    case peer(String)
}

/// A contender that is ready to be measured as often as wanted.
protocol Contestant: Sendable {
    /// Does the work once, checks it, and returns the figure in the benchmark's unit.
    func measure() async throws -> Double

    func finish() async
}

/// Another program that does the same work.
struct Peer: Sendable {
    var name: String
    /// How to get it.
    var installation: String
    /// The version on this machine, nil where it is missing.
    var version: @Sendable () -> String?
}
