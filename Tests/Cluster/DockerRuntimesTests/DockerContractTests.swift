import ClusterModel
import Concurrency
import Core
import TaskRuntimeContract
import TaskRuntimes
import Testing

@testable import DockerRuntimes

/// The clauses that every runtime keeps, against a real engine.
@Suite(.serialized, .enabled(if: EngineFixture.isAvailable, Comment(rawValue: EngineFixture.reason)))
struct DockerContractTests {
    @Test(arguments: ContractClause.allCases)
    func `keeps the contract`(_ clause: ContractClause) async throws {
        let instance = EngineFixture.freshInstance()
        try await clause.check(
            ContractSubject(
                abilities: [.memoryLimit, .ports, .mounts], environment: .live,
                missingCommand: TaskSpec(
                    image: BusyboxImage.name, command: ["no-such-command", "x"], pull: .never),
                shell: BusyboxImage.shell,
                makeRuntime: { try await EngineFixture.makeRuntime(instance: instance) }))
    }
}
