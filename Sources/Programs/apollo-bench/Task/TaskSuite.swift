import Benchmarks

/// `apollo-bench task`: tasks from end to end, and what the platform costs while there are none.
enum TaskSuite {
    static let suite = Suite(
        "task", summary: "Measure tasks from submit to exit, and the idle platform",
        cases: [
            ProcessCase.benchmark, ContainerCase.benchmark, OCICase.benchmark, StartCases.platform,
            StartCases.command,
            StartCases.commandWithTasks, IdleCases.memory, IdleCases.processor,
            NodeLossCase.benchmark,
        ])
}
