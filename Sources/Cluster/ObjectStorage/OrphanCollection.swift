import Concurrency
import Core
import Databases
import ObjectModel

extension ObjectStore {
    /// Removes files that no row names, such as of uploads that a crash cut off. Uploads may run meanwhile. Returns how many.
    @discardableResult
    public func collectOrphans() async throws -> Int {
        let directory = directory
        var removed = 0
        for folder in try await pool.run("look for orphans", { try directory.folders() }) {
            let found = try await pool.run("look for orphans") { try directory.contents(in: folder) }
            for start in stride(from: 0, to: found.count, by: 500) {
                // In this order: what is written now is in the database by the time it is written no more.
                let candidates = found[start..<min(start + 500, found.count)].filter {
                    !directory.isWriting($0)
                }
                guard !candidates.isEmpty else { continue }
                let marks = candidates.map { _ in "?" }.joined(separator: ", ")
                let rows = try await database.read { transaction in
                    try transaction.query(
                        "SELECT file FROM object_contents WHERE file IN (\(marks))",
                        candidates.map { DatabaseValue($0) })
                }
                var named: Set<ContentID> = []
                for row in rows { named.insert(try row.get("file")) }
                let orphans = candidates.filter { !named.contains($0) }
                await remove(orphans)
                removed += orphans.count
            }
        }
        return removed
    }
}
