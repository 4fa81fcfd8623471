import AccessKeyMessages
import Arguments
import Core
import ObjectClients
import ObjectTransfers
import Terminal

/// `apollo blob du`.
enum BlobDuCommand {
    private static let places = Parameter.arguments(
        BlobCommand.prefix, required: false, help: "Buckets, or folders in them; all buckets unless said.")
    private static let depth = Parameter.option(
        "depth", short: "d", .integer("N", in: 0...64), default: 0,
        help: "Add the folders in them, so many levels deep.")

    private struct Line: Sendable, Encodable {
        var place: String
        var bytes: Int64 = 0
        var objects: Int64 = 0
        /// The most bytes of a bucket of the platform's; nil for no limit.
        var quota: Int64?
    }

    static let command = Command(
        "du", summary: "Say how much room objects take",
        discussion: """
            It looks at every object: a large bucket takes a while. Older versions and unfinished uploads are not in it, but in \
            what 'apollo blob quota ls' says at once of whole buckets.
            """, parameters: [places, depth],
        examples: [
            Example("each bucket", "apollo blob du"),
            Example("the folders of one", "apollo blob du --depth 1 s3://reports"),
        ], seeAlso: ["apollo blob ls", "apollo blob quota ls"]
    ) { invocation in
        let session = try Session(invocation)
        let depth = invocation[depth]
        var lines = try await session.withObjects(invocation) { client in
            var places = invocation[places]
            if places.isEmpty {
                places = try await client.buckets().map { ObjectPlace.Object(bucket: $0.name, key: "") }
            }
            var lines: [Line] = []
            for place in places { lines += try await sizes(client, place, depth) }
            return lines
        }
        if try BlobStore.other(invocation, session) == nil {
            let quotas = try await quotas(session)
            for index in lines.indices { lines[index].quota = quotas[lines[index].place] }
        }
        try session.output.write(
            lines, as: session.format,
            Table<Line>([
                Column("SIZE", .right) { "\(ByteCount($0.bytes))" },
                Column("QUOTA", .right) { $0.quota.map { "\(ByteCount($0))" } },
                Column("OBJECTS", .right) { "\($0.objects)" },
                Column("PLACE") { $0.place.printable },
            ]))
        return .success
    }

    /// By the buckets' places.
    private static func quotas(_ session: Session) async throws -> [String: Int64] {
        var quotas: [String: Int64] = [:]
        for item in try await session.objectUsages() where item.kind == "bucket" {
            quotas[ObjectPlace.Object(bucket: item.name, key: "").text] = item.quota
        }
        return quotas
    }

    /// The place itself, and the folders in it, each with all that is under it.
    private static func sizes(
        _ client: ObjectClient, _ place: ObjectPlace.Object, _ depth: Int
    ) async throws -> [Line] {
        var total = Line(place: place.text)
        var folders: [String: Line] = [:]
        let prefix = place.key.utf8.count
        try await ObjectListing.forEachPage(client, place, isRecursive: true) { page in
            for object in page.objects {
                total.bytes += object.size
                total.objects += 1
                guard depth > 0 else { continue }
                let names = object.key.utf8.dropFirst(prefix).split(
                    separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
                ).dropLast().prefix(depth)
                for count in names.indices {
                    let end = names[count].endIndex
                    let key = String(decoding: object.key.utf8[..<end], as: UTF8.self) + "/"
                    let text = ObjectPlace.Object(bucket: place.bucket, key: key).text
                    folders[key, default: Line(place: text)].bytes += object.size
                    folders[key, default: Line(place: text)].objects += 1
                }
            }
        }
        return folders.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value) + [total]
    }
}
