public import Core

/// Benchmarks that belong together: what `apollo-bench SUITE` runs.
public struct Suite: Sendable {
    public let name: String
    /// What it measures, in one sentence without a period.
    public let summary: String
    public let cases: [Case]

    public init(_ name: String, summary: String, cases: [Case]) {
        self.name = name
        self.summary = summary
        self.cases = cases
    }

    /// The cases and peers that `--case` and `--peer` leave; all where they are nil. Throws ``ApolloError`` of kind `invalid`
    /// for a name that is none.
    public func selecting(case wanted: String?, peer: String?) throws(ApolloError) -> [Case] {
        var selected = cases
        if let wanted {
            selected = cases.filter { $0.name == wanted }
            guard !selected.isEmpty else {
                throw Self.unknown(
                    "suite '\(name)' has no case '\(wanted)'", wanted, cases.map(\.name), "--list shows them")
            }
        }
        guard let peer else { return selected }
        let known = selected.flatMap { $0.peers.map(\.name) }
        guard known.contains(peer) else {
            throw Self.unknown(
                "no case asked for has a peer '\(peer)'", peer, known, "--list shows which case has which")
        }
        return selected.filter { $0.peers.contains { $0.name == peer } }.map { $0.keeping(peer: peer) }
    }

    static func unknown(_ message: String, _ name: String, _ known: [String], _ otherwise: String)
        -> ApolloError
    {
        let nearest = nearestName(to: name, among: known)
        return ApolloError(.invalid, message, hint: nearest.map { "did you mean '\($0)'?" } ?? otherwise)
    }
}

extension [Suite] {
    /// The suite of that name. Throws ``ApolloError`` of kind `invalid` where there is none.
    public func named(_ name: String) throws(ApolloError) -> Suite {
        guard let suite = first(where: { $0.name == name }) else {
            throw Suite.unknown("there is no suite '\(name)'", name, map(\.name), "--list shows them")
        }
        return suite
    }
}
