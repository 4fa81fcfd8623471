import Benchmarks
import Core
import Scheduling

/// The pure scheduler: how fast it places, and how well it packs.
enum ScheduleSuite {
    static func suite(_ source: CellSource = CellSource()) -> Suite {
        Suite(
            "schedule", summary: "How fast tasks are placed on nodes, and how tightly",
            cases: PlacementCases.cases + PackingCases(source: source).cases)
    }
}
