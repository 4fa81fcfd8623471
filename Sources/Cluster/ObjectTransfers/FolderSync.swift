import Concurrency
import Core
import ObjectClients

/// Makes one folder like another: one of the two, or both, in the store.
public struct FolderSync: Sendable {
    private let transfers: Transfers
    private let source: ObjectPlace
    private let target: ObjectPlace
    private let comparison: SyncPlan.Comparison
    private let filter: PathFilter

    /// What has to be done.
    public struct Plan: Sendable {
        public var copies: [TransferStep] = []
        public var removals: [TransferStep] = []
        public var unchanged = 0
    }

    public init(
        _ transfers: Transfers, from source: ObjectPlace, to target: ObjectPlace,
        by comparison: SyncPlan.Comparison, filter: PathFilter
    ) {
        self.transfers = transfers
        (self.source, self.target) = (source, target)
        (self.comparison, self.filter) = (comparison, filter)
    }

    /// - Parameter removes: whether what only the target has is removed there.
    public func plan(removes: Bool) async throws -> Plan {
        async let here = entries(source, isSource: true)
        async let there = entries(target, isSource: false)
        let (sources, targets) = try await (here, there)
        guard !removes || !sources.isEmpty || targets.isEmpty else {
            throw ApolloError(
                .invalid, "there is nothing in \(text(source)): all of \(text(target)) would be removed",
                hint: "is it the right place? else remove it by 'rm --recursive'")
        }
        var sync = SyncPlan(source: sources, target: targets, by: comparison, filter: filter)
        for pair in sync.comparisons { sync.settle(pair, isSame: try await isSame(pair)) }
        var plan = Plan(unchanged: sync.unchanged)
        let copies = sync.copies.sorted {
            $0.source.path.utf8.lexicographicallyPrecedes($1.source.path.utf8)
        }
        for copy in copies {
            plan.copies.append(
                TransferStep(
                    try action(copy.source.path), size: copy.source.size, reason: copy.reason.rawValue,
                    modified: copy.source.modified))
        }
        if removes {
            for path in sync.extra {
                switch target {
                case .object(let object):
                    plan.removals.append(TransferStep(.removeObject(object.appending(path))))
                case .file(let folder):
                    plan.removals.append(TransferStep(.removeFile(try LocalFiles.path(of: path, in: folder))))
                }
            }
        }
        return plan
    }

    private func text(_ place: ObjectPlace) -> String {
        switch place {
        case .object(let object): object.text.printable
        case .file(let path): path.printable
        }
    }

    private func action(_ path: String) throws(ApolloError) -> TransferStep.Action {
        switch (source, target) {
        case (.file(let folder), .object(let object)):
            .upload("\(folder)/\(path)", object.appending(path))
        case (.object(let object), .file(let folder)):
            .download(object.appending(path), try LocalFiles.path(of: path, in: folder))
        case (.object(let object), .object(let other)):
            .copy(object.appending(path), other.appending(path))
        case (.file, .file): throw ApolloError(.invalid, "one of the two has to be s3://BUCKET/PREFIX")
        }
    }

    private func entries(_ place: ObjectPlace, isSource: Bool) async throws -> [SyncEntry] {
        switch place {
        case .file(let path):
            return try await transfers.pool.run("list files") {
                guard isSource || LocalFiles.isFolder(path) else {
                    // It is made by what is copied into it.
                    return []
                }
                return try LocalFiles.files(in: path)
            }
        case .object(let object):
            var found: [SyncEntry] = []
            try await ObjectListing.objects(transfers.client, in: object) { name, summary in
                // A store that does not say when an object was written is taken at its size.
                let time = Timestamp(parsing: summary.modified) ?? Timestamp(microseconds: 0)
                found.append(
                    SyncEntry(path: name, size: summary.size, modified: time, tag: summary.tag))
            }
            return found
        }
    }

    /// Whether the bytes of two are the same, by the store's tags: those of uploads in parts can be made of a file where they were cut
    /// as they are here. What cannot be told is held to be different.
    private func isSame(_ pair: SyncPlan.Pair) async throws -> Bool {
        switch (source, target) {
        case (.file(let folder), _):
            return try await isFile("\(folder)/\(pair.source.path)", pair.target.tag ?? "")
        case (_, .file(let folder)):
            return try await isFile("\(folder)/\(pair.target.path)", pair.source.tag ?? "")
        case (.object, .object): return pair.source.tag == pair.target.tag
        }
    }

    private func isFile(_ path: String, _ tag: String) async throws -> Bool {
        let file = try FileSource(path, pool: transfers.pool)
        let size = file.status.size
        if Transfers.isDigest(tag) { return try await file.digest(0..<size) == tag }
        guard size > 0, let count = tag.split(separator: "-").last.flatMap({ Int($0) }) else { return false }
        let plan = PartPlan(size: size)
        guard plan.count == count else { return false }
        var parts: [UploadedPart] = []
        for number in 1...count {
            parts.append(UploadedPart(number: number, tag: try await file.digest(plan.range(number))))
        }
        return ObjectClient.tag(of: parts) == tag
    }
}
