import APIServers
import Backups
import Concurrency
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity

/// `/api/v1/backup`.
struct BackupRoutes {
    let backup: PlatformBackup
    let data: DataDirectory

    private static let withKeys = Parameter<Bool>.query(
        "withKeys", "Whether keys and tokens go into it, too.", default: .bool(false))

    private static let withObjects = Parameter<Bool>.query(
        "withObjects", "Whether the bytes of objects and images go into it, too.", default: .bool(false))

    static let tag = (name: "operations", description: "The platform's own upkeep.")

    var routes: [Route<Caller>] {
        [
            Route(
                .post, "/api/v1/backup", operation: "makeBackup", summary: "Make a backup of the platform",
                description:
                    "What was acknowledged before the request is in it. The answer is the backup: a tar archive compressed by Zstandard, sealed by a SHA-256 at its end.",
                tag: Self.tag.name,
                access: .permissionFor { _ in Caller.Permission(.manage, try Resources.nodes()) },
                parameters: [Self.withKeys, Self.withObjects],
                responses: [.bytes("application/zstd", "The backup.")]
            ) { call in
                let file = try await self.backup.make(
                    in: self.data.path,
                    BackupContents(hasKeys: call[Self.withKeys], hasObjects: call[Self.withObjects]))
                return HTTPResponse(
                    .ok, fields: HTTPFields(["Content-Type": "application/zstd"]),
                    body: .stream(length: file.size) { writer in try await Self.send(file, writer) })
            }
        ]
    }

    private static func send(_ file: PendingFile, _ writer: any HTTPBodyWriter) async throws {
        let pool = BlockingPool(name: "backup", threads: 1)
        defer { pool.stop() }
        var offset: Int64 = 0
        while true {
            let place = offset
            let piece = try await pool.run("read a backup") { try file.bytes(at: place) }
            guard !piece.isEmpty else { return }
            try await writer.write(piece)
            offset += Int64(piece.count)
        }
    }
}
