/// All tasks that ask the same, and the nodes for them: found once, kept up by what changes.
struct AskClass: Sendable {
    let ask: Ask
    let hasPorts: Bool
    /// What it looks at of labels, by number.
    let view: Int32
    var figures: Scoring.Figures
    /// Tasks of it that are placed: while there are some it is kept.
    var placed = 0
    /// The group of its spread and the group it keeps apart from, by number.
    var spreadGroup: Int32?
    var apartGroup: Int32?
    /// When it was asked for last.
    var usedAt: UInt64 = 0
    var index: Index?

    /// The nodes with room, best first.
    struct Index: Sendable {
        /// What changed after this time has not been looked at.
        var seen: UInt64 = 0
        /// One heap, or with a spread one for each value of its label.
        var heaps: [ScoreHeap] = [ScoreHeap()]
        /// For each node, what its labels say: a copy of the list of ``NodeTraits``, which shares its storage.
        var traits: [NodeTraits.Traits] = []
        /// How many tasks of the spread's group each domain has.
        var counts: [Int32] = [0]
        /// How many nodes of each domain fit, full or closed or not: a domain without any is none to keep level with.
        var usable: [Int32] = [0]

        var entryCount: Int { heaps.reduce(0) { $0 + $1.count } }
    }

    init(_ ask: Ask, view: Int32) {
        self.ask = ask
        self.view = view
        hasPorts = !ask.ports.isEmpty
        figures = Scoring.Figures(ask.amounts)
    }
}
