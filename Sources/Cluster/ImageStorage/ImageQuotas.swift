import Databases
import ObjectModel
import ObjectStorage

/// How much the images of a project have, and may have.
extension ImageStore {
    public struct Usage: Hashable, Sendable {
        public var project: String
        public var repositories: Int
        /// Each content once.
        public var bytes: Int64
        /// The most bytes: what was set of the project, or else ``Configuration/quota``; nil for no limit.
        public var quota: Int64?
    }

    public func usage(of project: String) async throws -> Usage {
        let quota = configuration.quota
        return try await objects.view { transaction in
            Usage(
                project: project, repositories: try ImageRows.repositoryCount(in: project, transaction),
                bytes: try ImageRows.bytes(ofProject: project, transaction),
                quota: try Self.limit(of: project, quota, transaction))
        }
    }

    /// The projects that have images, or of which a quota was set, by name.
    public func projects() async throws -> [String] {
        try await objects.view { transaction in
            let rows = try transaction.query("SELECT DISTINCT project FROM image_repositories")
            let limited = try ObjectStore.quotas(of: .images, transaction).keys.map(\.name)
            return try Set(rows.map { try $0.get("project") }).union(limited).sorted()
        }
    }

    /// Sets the most bytes that the images of a project have; nil for what ``Configuration/quota`` says. What is there already stays.
    public func set(quota: Int64?, of project: String) async throws {
        try await objects.set(ObjectQuota(bytes: quota), of: .images(project))
    }

    /// - Parameter quota: that of projects of which none was set.
    static func limit(
        of project: String, _ quota: Int64?, _ transaction: borrowing Transaction
    ) throws -> Int64? {
        try ObjectStore.quota(of: .images(project), transaction)?.bytes ?? quota
    }

    /// Throws where a project has more bytes than it may.
    static func check(
        _ quota: Int64?, _ project: String, _ transaction: borrowing Transaction
    ) throws {
        guard let limit = try limit(of: project, quota, transaction) else { return }
        guard try ImageRows.bytes(ofProject: project, transaction) <= limit else {
            throw ImageStoreError.quota(limit: limit)
        }
    }

    /// For bytes that come behind `size` others: throws once they are more than a project may have.
    func limit(
        behind size: Int64, in project: String
    ) async throws -> (Int64) throws -> Void {
        let quota = configuration.quota
        let limit = try await objects.view { try Self.limit(of: project, quota, $0) }
        return { received in
            if let limit, size + received > limit { throw ImageStoreError.quota(limit: limit) }
        }
    }
}
