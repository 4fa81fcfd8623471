import Core
import Databases
public import ObjectModel

extension ObjectStore {
    /// How many rows are read at a time.
    private static let batch = 256

    /// One page of a bucket's objects.
    ///
    /// - Parameter isVisible: whether the caller may know of an object; others are left out.
    public func list(
        _ query: ListQuery, in bucket: BucketName, where isVisible: @escaping @Sendable (ObjectKey) -> Bool
    ) async throws -> ListPage {
        guard query.limit > 0 else { return ListPage() }
        return try await database.read { transaction in
            var walk = ListWalk(query)
            var page = ListPage()
            var (after, with) = walk.start
            var last = ""
            while true {
                let rows = try transaction.query(
                    """
                    SELECT \(ObjectRows.columns) FROM objects
                    WHERE bucket = ? AND key > ? AND key >= ? ORDER BY key LIMIT ?
                    """,
                    [
                        .text(bucket.text), .text(after), .text(with),
                        DatabaseValue(min(query.limit - page.count + 1, Self.batch)),
                    ])
                guard !rows.isEmpty else { return page }
                rowsLoop: for row in rows {
                    let record = try ObjectRows.record(row)
                    after = record.key.text
                    guard isVisible(record.key) else {
                        guard record.key.hasPrefix(query.prefix) else { return page }
                        continue
                    }
                    let step = walk.step(record.key)
                    if step == .end { return page }
                    if step == .skip { continue }
                    guard page.count < query.limit else {
                        page.next = last
                        return page
                    }
                    switch step {
                    case .object:
                        page.objects.append(record)
                        last = record.key.text
                    case .prefix(let prefix):
                        page.prefixes.append(prefix)
                        last = prefix
                        // All others under it are stepped over at once.
                        after = ListWalk.behind(prefix)
                        break rowsLoop
                    case .skip, .end: break
                    }
                }
                with = ""
            }
        }
    }
}
