import Core
import Databases
public import ObjectModel

extension ObjectStore {
    /// One page of a bucket's objects.
    ///
    /// - Parameter isVisible: whether the caller may know of an object; others are left out.
    public func list(
        _ query: ListQuery, in bucket: BucketName, where isVisible: @escaping @Sendable (ObjectKey) -> Bool
    ) async throws -> ListPage {
        guard query.limit > 0 else { return ListPage() }
        return try await database.read { transaction in
            var page = ListPage()
            var last = ""
            let hasMore = try PageFill.fill(query, where: isVisible) { place, count in
                try Self.objects(in: bucket, place, limit: count, transaction)
            } take: { entry in
                switch entry {
                case .object(let object, _):
                    page.objects.append(object)
                    last = object.key.text
                case .prefix(let prefix):
                    page.prefixes.append(prefix)
                    last = prefix
                }
            }
            if hasMore { page.next = last }
            return page
        }
    }

    private static func objects(
        in bucket: BucketName, _ place: PageFill.Place, limit: Int, _ transaction: borrowing Transaction
    ) throws -> [ListedObject] {
        let bound = place.bound
        return try transaction.query(
            """
            SELECT key, size, tag, modified, checksum_algorithm, checksum, owner FROM objects
            WHERE bucket = ? AND key \(bound.isIncluded ? ">=" : ">") ? ORDER BY key LIMIT ?
            """, [.text(bucket.text), .text(bound.text), DatabaseValue(limit)]
        ).map { try listed($0) }
    }

    /// Without ``Row/get(_:as:)``, which costs more than all else here: a page has a thousand rows.
    private static func listed(_ row: Row) throws -> ListedObject {
        let values = row.values
        guard case .text(let text) = values[0], let key = ObjectKey(text),
            case .integer(let size) = values[1],
            case .text(let tag) = values[2], case .integer(let modified) = values[3],
            case .text(let owner) = values[6]
        else { throw ApolloError(.corrupt, "the row of an object cannot be read") }
        var checksum: ObjectChecksum?
        if case .text(let name) = values[4], case .text(let value) = values[5] {
            checksum = ObjectChecksum.Algorithm(rawValue: name).map { ObjectChecksum($0, value) }
        }
        return ListedObject(
            key: key, size: size, tag: tag, modified: Timestamp(microseconds: modified), checksum: checksum,
            owner: owner)
    }
}
