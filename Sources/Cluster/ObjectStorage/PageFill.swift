import Core
import ObjectModel

/// What a listing can have, by its key.
protocol ListedRow {
    var key: ObjectKey { get }
    /// Of a version its sequence; nil for what is listed as the only one of its key.
    var place: Int64? { get }
}

extension ListedObject: ListedRow {
    var place: Int64? { nil }
}

extension ObjectRecord: ListedRow {
    var place: Int64? { sequence }
}

/// Fills one page of a listing with rows that come in the order of their keys' bytes.
enum PageFill {
    /// Where the next rows are.
    struct Place: Sendable {
        /// They come after this key.
        var after: String
        /// Where versions are listed: of the key itself those below this are among them.
        var sequence: Int64?
        /// They come not before this text.
        var with: String

        /// The one bound that says both: a database looks for one alone, and reads past all rows that the other leaves out.
        var bound: (text: String, isIncluded: Bool) {
            after.utf8.lexicographicallyPrecedes(with.utf8) ? (with, true) : (after, false)
        }
    }

    enum Entry<Row> {
        /// The first row of its key is the newest version.
        case object(Row, isFirst: Bool)
        case prefix(String)
    }

    /// How many rows are read at a time: of those behind a common prefix few, since most are likely under the next.
    private static let (fewRows, mostRows) = (16, 1024)

    /// Whether there is more behind the page.
    ///
    /// - Parameters:
    ///   - sequence: where versions are listed: the one of the query's `after` that the page comes after.
    ///   - isVisible: whether a row counts.
    ///   - rows: reads rows, at most as many as it is told; none where there are no more.
    ///   - take: given what is on the page.
    static func fill<Row: ListedRow>(
        _ query: ListQuery, below sequence: Int64? = nil, where isVisible: (ObjectKey) -> Bool,
        rows: (Place, Int) throws -> [Row], take: (Entry<Row>) -> Void
    ) throws -> Bool {
        var walk = ListWalk(query)
        var place = Place(after: walk.start.after, sequence: sequence, with: walk.start.with)
        // Of a key that the page before had versions of the newest is not here.
        var known = sequence == nil ? nil : ObjectKey(query.after)
        var count = 0
        var size = query.delimiter.isEmpty ? min(query.limit, mostRows - 1) + 1 : fewRows
        while true {
            let batch = try rows(place, size)
            guard !batch.isEmpty else { return false }
            size = min(size * 4, mostRows)
            rowsLoop: for row in batch {
                (place.after, place.sequence) = (row.key.text, row.place)
                let isFirst = row.key != known
                known = row.key
                guard isVisible(row.key) else {
                    guard row.key.hasPrefix(query.prefix) else { return false }
                    continue
                }
                let step = walk.step(row.key)
                if step == .end { return false }
                if step == .skip { continue }
                guard count < query.limit else { return true }
                count += 1
                guard case .prefix(let prefix) = step else {
                    take(.object(row, isFirst: isFirst))
                    continue
                }
                take(.prefix(prefix))
                // All others under it are stepped over at once.
                (place.after, place.sequence) = (ListWalk.behind(prefix), nil)
                size = fewRows
                break rowsLoop
            }
        }
    }
}
