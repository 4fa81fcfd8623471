import ClusterModel
import Concurrency
import Core
import OCIRuntimes
import TaskRuntimeContract
import TaskRuntimes
import Testing

/// The clauses that every runtime keeps, by runc.
@Suite(.serialized, .enabled(if: OCIFixture.isUsable, Comment(rawValue: OCIFixture.obstacle)))
struct OCIContractTests {
    @Test(arguments: ContractClause.allCases)
    func `keeps the contract`(_ clause: ContractClause) async throws {
        try await OCIFixture.with { fixture in
            var abilities: ContractSubject.Abilities = [.ports, .mounts]
            if await fixture.runtime.probe().detail.contains("memory") { abilities.insert(.memoryLimit) }
            try await clause.check(
                ContractSubject(
                    abilities: abilities, environment: .live,
                    missingCommand: TaskSpec(
                        image: BusyboxImage.name, requestedRuntime: .oci, command: ["no-such-command", "x"]),
                    shell: {
                        TaskSpec(image: BusyboxImage.name, requestedRuntime: .oci, command: ["sh", "-c", $0])
                    },
                    makeRuntime: { fixture.another() }))
        }
    }
}
