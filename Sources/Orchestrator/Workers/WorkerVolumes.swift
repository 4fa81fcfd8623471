public import ClusterModel
import Concurrency
import Core
import TaskRuntimes

extension Worker {
    public func remove(_ volume: VolumeID) async throws {
        guard let volumes else { throw RuntimeError.rejected("this node has no volumes", hint: nil) }
        let pool = BlockingPool(name: "volumes", threads: 1)
        defer { pool.stop() }
        try await pool.run("remove a volume") { try volumes.remove(volume) }
    }
}
