import Core
public import ObjectClients

/// Objects as they are looked up, page by page.
public enum ObjectListing {
    /// - Parameter isRecursive: false for what is up to the first slash behind the key.
    public static func forEachPage(
        _ client: ObjectClient, _ place: ObjectPlace.Object, isRecursive: Bool,
        _ body: (ObjectPage) async throws -> Void
    ) async throws {
        var token: String?
        repeat {
            let page = try await client.list(
                place.bucket, prefix: place.key, isRecursive: isRecursive, after: token)
            try await body(page)
            // A store that stays where it is would keep us here.
            token = page.next == token ? nil : page.next
        } while token != nil
    }

    /// The objects in a folder, without the marks of empty folders that some programs make: each with its name within the folder.
    public static func objects(
        _ client: ObjectClient, in folder: ObjectPlace.Object,
        _ body: (String, ObjectSummary) async throws -> Void
    ) async throws {
        let prefix = folder.folder.key
        try await forEachPage(
            client, ObjectPlace.Object(bucket: folder.bucket, key: prefix), isRecursive: true
        ) { page in
            for found in page.objects {
                let name = String(decoding: found.key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
                if name.isEmpty || name.utf8.last == UInt8(ascii: "/") { continue }
                try await body(name, found)
            }
        }
    }

    /// What a place with a pattern in its key means: all objects whose keys match, at least one; a place without one is itself.
    ///
    /// - Throws: ``ApolloError`` of kind `notFound` where nothing matches.
    public static func expand(
        _ client: ObjectClient, _ place: ObjectPlace.Object
    ) async throws -> [(object: ObjectPlace.Object, size: Int64?)] {
        let pattern = GlobPattern(place.key)
        guard GlobPattern.isPattern(place.key) else {
            return [(ObjectPlace.Object(bucket: place.bucket, key: pattern.literalPrefix), nil)]
        }
        var found: [(ObjectPlace.Object, Int64?)] = []
        let start = ObjectPlace.Object(bucket: place.bucket, key: pattern.literalPrefix)
        try await forEachPage(client, start, isRecursive: true) { page in
            for object in page.objects where pattern.matches(object.key) {
                found.append((ObjectPlace.Object(bucket: place.bucket, key: object.key), object.size))
            }
        }
        guard !found.isEmpty else {
            throw ApolloError(
                .notFound, "nothing matches \(place.text.printable)",
                hint: "* stays within a folder, ** does not; \\* is the character itself")
        }
        return found
    }
}
