import Concurrency
import Core
import Glibc
import ObjectClients

/// What one call of `apollo blob cp` copies.
struct BlobCopyPlan: Sendable {
    enum Step: Sendable {
        case upload(String, BlobPlace.Object)
        case download(BlobPlace.Object, String)
        case copy(BlobPlace.Object, BlobPlace.Object)

        var targetText: String {
            switch self {
            case .upload(_, let object), .copy(_, let object): object.text
            case .download(_, let path): path
            }
        }

        func run(
            _ client: ObjectClient, _ pool: BlockingPool, progress: @escaping @Sendable (Int64) -> Void
        ) async throws {
            switch self {
            case .upload(let path, let object):
                try await BlobTransfer.upload(client, path, to: object, pool: pool, progress: progress)
            case .download(let object, let path):
                try Self.makeFolders(of: path)
                try await BlobTransfer.download(client, object, to: path, pool: pool, progress: progress)
            case .copy(let source, let target):
                try await client.copy(from: (source.bucket, source.key), to: target.bucket, target.key)
            }
        }

        private static func makeFolders(of path: String) throws(ApolloError) {
            var made = path.hasPrefix("/") ? "" : "."
            for part in path.split(separator: "/").dropLast() {
                made += "/" + part
                guard mkdir(made, 0o777) == 0 || errno == EEXIST else {
                    throw BlobFiles.failure("make", made)
                }
            }
        }
    }

    var steps: [Step] = []
    /// Of all; nil where it is not known.
    var bytes: Int64?

    static func make(
        _ client: ObjectClient, _ source: BlobPlace, to target: BlobPlace, isRecursive: Bool
    ) async throws -> BlobCopyPlan {
        switch (source, target) {
        case (.file(let path), .object(let object)):
            return isRecursive ? try folder(path, to: object) : try file(path, to: object)
        case (.object(let object), .file(let path)):
            guard isRecursive else {
                return BlobCopyPlan(steps: [.download(object, try file(for: object, in: path))])
            }
            return try await all(client, object) { .download($0, try Self.path(of: $1, in: path)) }
        case (.object(let object), .object(let other)):
            guard isRecursive else {
                guard !object.key.isEmpty else { throw wantsRecursive(object.text) }
                return BlobCopyPlan(steps: [.copy(object, named(other, lastName(object.key)))])
            }
            return try await all(client, object) {
                .copy($0, BlobPlace.Object(bucket: other.bucket, key: under(other.key, $1)))
            }
        case (.file, .file):
            throw ApolloError(.invalid, "one of the two has to be s3://BUCKET/KEY")
        }
    }

    // MARK: From files

    private static func file(_ path: String, to object: BlobPlace.Object) throws -> BlobCopyPlan {
        guard !BlobFiles.isFolder(path) else { throw wantsRecursive(path) }
        var plan = BlobCopyPlan(steps: [.upload(path, named(object, lastName(path)))])
        plan.bytes = try size(of: path)
        return plan
    }

    private static func folder(_ path: String, to object: BlobPlace.Object) throws -> BlobCopyPlan {
        guard BlobFiles.isFolder(path) else { return try file(path, to: object) }
        var plan = BlobCopyPlan(bytes: 0)
        for name in try BlobFiles.files(in: path) {
            plan.steps.append(
                .upload(
                    "\(path)/\(name)",
                    BlobPlace.Object(bucket: object.bucket, key: under(object.key, name))))
            plan.bytes = (plan.bytes ?? 0) + (try size(of: "\(path)/\(name)"))
        }
        return plan
    }

    private static func size(of path: String) throws(ApolloError) -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw BlobFiles.failure("open", path) }
        return Int64(status.st_size)
    }

    // MARK: From objects

    /// - Parameter step: given an object and its name within the folder.
    private static func all(
        _ client: ObjectClient, _ source: BlobPlace.Object,
        _ step: (BlobPlace.Object, String) throws -> Step
    ) async throws -> BlobCopyPlan {
        var plan = BlobCopyPlan(bytes: 0)
        // As a folder: what only begins alike does not belong to it.
        let prefix = source.isPrefix ? source.key : source.key + "/"
        let place = BlobPlace.Object(bucket: source.bucket, key: prefix)
        try await BlobListing.forEachPage(client, place, isRecursive: true) { page in
            for found in page.objects {
                let key = String(decoding: found.key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
                // The marks of empty folders, which some programs make.
                if key.isEmpty || key.utf8.last == UInt8(ascii: "/") { continue }
                let object = BlobPlace.Object(bucket: source.bucket, key: found.key)
                plan.steps.append(try step(object, key))
                plan.bytes = (plan.bytes ?? 0) + found.size
            }
        }
        guard !plan.steps.isEmpty else {
            throw ApolloError(.notFound, "there is nothing under \(place.text.printable)")
        }
        return plan
    }

    /// Where a key of the store goes in a folder: never beside it, whatever the key is.
    static func path(of key: String, in folder: String) throws(ApolloError) -> String {
        let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else {
            throw ApolloError(
                .invalid, "the key '\(key.printable)' cannot be a path under \(folder.printable)",
                hint: "copy it by itself, to a file of another name")
        }
        return "\(folder)/\(parts.joined(separator: "/"))"
    }

    private static func file(for object: BlobPlace.Object, in path: String) throws(ApolloError) -> String {
        guard !object.isPrefix else { throw wantsRecursive(object.text) }
        guard path.hasSuffix("/") || BlobFiles.isFolder(path) else { return path }
        let bare = path.hasSuffix("/") ? String(path.dropLast()) : path
        return try self.path(of: lastName(object.key), in: bare.isEmpty ? "/" : bare)
    }

    // MARK: Names

    private static func named(_ object: BlobPlace.Object, _ name: String) -> BlobPlace.Object {
        object.isPrefix ? BlobPlace.Object(bucket: object.bucket, key: object.key + name) : object
    }

    private static func under(_ prefix: String, _ name: String) -> String {
        prefix.isEmpty || prefix.hasSuffix("/") ? prefix + name : "\(prefix)/\(name)"
    }

    private static func lastName(_ path: String) -> String {
        path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? path
    }

    private static func wantsRecursive(_ what: String) -> ApolloError {
        ApolloError(.invalid, "\(what.printable) is a folder", hint: "give --recursive for all that is in it")
    }
}
