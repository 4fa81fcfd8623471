import APIServers
import HTTPModel
import HTTPRouting

/// The paths of the system that the orchestrator grew from, where a manager is alone: the same operations as under `/api/v1`.
enum OriginalPaths {
    static let tag = "original"

    static func routes(_ tasks: TaskRoutes, _ nodes: NodeRoutes) -> [Route<Caller>] {
        [
            tasks.create.alias(
                at: "/tasks", operation: "createTaskAtOriginalPath", summary: "As POST /api/v1/tasks",
                tag: tag),
            tasks.list.alias(
                at: "/tasks", operation: "listTasksAtOriginalPath", summary: "As GET /api/v1/tasks", tag: tag),
            tasks.get.alias(
                at: "/tasks/{task}", operation: "getTaskAtOriginalPath",
                summary: "As GET /api/v1/tasks/{task}", tag: tag),
            // There a task was stopped by deleting it.
            tasks.stop.alias(
                .delete, at: "/tasks/{task}", operation: "stopTaskAtOriginalPath",
                summary: "As POST /api/v1/tasks/{task}/stop", tag: tag),
            nodes.list.alias(
                at: "/nodes", operation: "listNodesAtOriginalPath", summary: "As GET /api/v1/nodes", tag: tag),
        ]
    }
}
