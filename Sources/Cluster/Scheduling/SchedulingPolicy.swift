/// How the best of the nodes that can run a task is found. All go through the same steps: candidates, score, pick.
public enum SchedulingPolicy: String, Hashable, Sendable, CaseIterable {
    /// Packs, and keeps what would be left on a node useful: see ``Scoring``. The default.
    case hybrid
    /// The node that has the least room left afterwards.
    case bestFit = "best-fit"
    /// The node that has the most room left afterwards.
    case spread
    /// The node whose load costs the least to raise: the opportunity cost of Amir and others, "An opportunity cost approach
    /// for job assignment in a scalable computing cluster" (2000), which Borg's first scheduler used.
    case epvm
    /// One node after the other.
    case roundRobin = "round-robin"
}
