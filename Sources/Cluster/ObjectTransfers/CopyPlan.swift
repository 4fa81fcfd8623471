import Concurrency
import Core
import ObjectClients

/// What a copy consists of.
public struct CopyPlan: Sendable {
    public var steps: [TransferStep] = []

    /// Bytes of all steps.
    public var bytes: Int64 { steps.reduce(0) { $0 + $1.size } }

    /// What copying `source` to `target` means. A key with a pattern means all that match; then, and where the target ends in a slash or
    /// is a folder, each is named as it was.
    public static func make(
        _ transfers: Transfers, _ source: ObjectPlace, to target: ObjectPlace, isRecursive: Bool,
        filter: PathFilter = PathFilter()
    ) async throws -> CopyPlan {
        switch (source, target) {
        case (.file(let path), .object(let object)):
            return try await transfers.pool.run("look at files") {
                try isRecursive ? folder(path, to: object, filter) : file(path, to: object)
            }
        case (.object(let object), _):
            let client = transfers.client
            if GlobPattern.isPattern(object.key), !isRecursive {
                var plan = CopyPlan()
                for (found, size) in try await ObjectListing.expand(client, object) {
                    guard filter.takes(ObjectPlace.lastName(found.key)) else { continue }
                    plan.steps.append(
                        try step(found, to: target, named: ObjectPlace.lastName(found.key), size: size ?? 0))
                }
                return plan
            }
            guard !isRecursive else { return try await all(client, object, to: target, filter) }
            let exact = ObjectPlace.Object(
                bucket: object.bucket, key: GlobPattern(object.key).literalPrefix)
            guard !exact.isPrefix else { throw wantsRecursive(exact.text) }
            let name = ObjectPlace.lastName(exact.key)
            let known = try await client.describe(exact.bucket, exact.key)
            return CopyPlan(steps: [
                try isFolder(target)
                    ? step(exact, to: target, named: name, size: known.size)
                    : step(exact, exactly: target, size: known.size)
            ])
        case (.file, .file):
            throw ApolloError(.invalid, "one of the two has to be s3://BUCKET/KEY")
        }
    }

    /// Whether what goes there is named as it was.
    private static func isFolder(_ target: ObjectPlace) -> Bool {
        switch target {
        case .object(let object): object.isPrefix
        case .file(let path): path.hasSuffix("/") || LocalFiles.isFolder(path)
        }
    }

    private static func step(
        _ source: ObjectPlace.Object, exactly target: ObjectPlace, size: Int64
    ) -> TransferStep {
        switch target {
        case .object(let object): TransferStep(.copy(source, object), size: size)
        case .file(let path): TransferStep(.download(source, path), size: size)
        }
    }

    private static func step(
        _ source: ObjectPlace.Object, to target: ObjectPlace, named name: String, size: Int64
    ) throws(ApolloError) -> TransferStep {
        switch target {
        case .object(let object): return step(source, exactly: .object(object.appending(name)), size: size)
        case .file(let path):
            let bare = path.hasSuffix("/") ? String(path.dropLast()) : path
            return try step(source, exactly: .file(LocalFiles.path(of: name, in: bare)), size: size)
        }
    }

    // MARK: From files

    private static func file(_ path: String, to object: ObjectPlace.Object) throws -> CopyPlan {
        guard !LocalFiles.isFolder(path) else { throw wantsRecursive(path) }
        let target = object.isPrefix ? object.appending(ObjectPlace.lastName(path)) : object
        let status = try LocalFiles.status(path)
        return CopyPlan(steps: [TransferStep(.upload(path, target), size: status?.size ?? 0)])
    }

    private static func folder(
        _ path: String, to object: ObjectPlace.Object, _ filter: PathFilter
    ) throws -> CopyPlan {
        guard LocalFiles.isFolder(path) else { return try file(path, to: object) }
        var plan = CopyPlan()
        for found in try LocalFiles.files(in: path) where filter.takes(found.path) {
            plan.steps.append(
                TransferStep(.upload("\(path)/\(found.path)", object.appending(found.path)), size: found.size)
            )
        }
        return plan
    }

    // MARK: From objects

    private static func all(
        _ client: ObjectClient, _ source: ObjectPlace.Object, to target: ObjectPlace, _ filter: PathFilter
    ) async throws -> CopyPlan {
        var plan = CopyPlan()
        var isAny = false
        try await ObjectListing.objects(client, in: source) { name, found in
            isAny = true
            guard filter.takes(name) else { return }
            plan.steps.append(
                try step(
                    ObjectPlace.Object(bucket: source.bucket, key: found.key), to: target, named: name,
                    size: found.size))
        }
        guard isAny else {
            throw ApolloError(.notFound, "there is nothing under \(source.folder.text.printable)")
        }
        return plan
    }

    private static func wantsRecursive(_ what: String) -> ApolloError {
        ApolloError(.invalid, "\(what.printable) is a folder", hint: "give --recursive for all that is in it")
    }
}
