import Core

/// Which projects something is being added to, and which are being removed. Of an addition and a removal at the same time
/// the one that came first counts; the other is refused, and can be tried again.
///
/// Nothing waits: a removal looks whether the project is empty, and nothing can be added between that look and its end.
struct ProjectUses: Sendable {
    private var additions: [String: Int] = [:]
    private var removals: Set<String> = []

    mutating func beginAddition(to project: String) throws(ApolloError) {
        guard !removals.contains(project) else {
            throw ApolloError(
                .conflict, "the project '\(project)' is being removed",
                hint: "try again in a moment: it stays if it is not empty")
        }
        additions[project, default: 0] += 1
    }

    mutating func endAddition(to project: String) {
        guard let count = additions[project] else { return }
        additions[project] = count > 1 ? count - 1 : nil
    }

    mutating func beginRemoval(of project: String) throws(ApolloError) {
        guard additions[project] == nil else {
            throw ApolloError(
                .conflict, "something is being added to the project '\(project)'",
                hint: "try again in a moment")
        }
        guard removals.insert(project).inserted else {
            throw ApolloError(
                .conflict, "the project '\(project)' is being removed already", hint: "try again in a moment")
        }
    }

    mutating func endRemoval(of project: String) { removals.remove(project) }
}
