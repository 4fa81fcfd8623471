import ClusterModel
import Concurrency
import ProcessRuntime
import TaskRuntimeContract
import Testing

@Suite(.timeLimit(.minutes(3)))
struct ContractTests {
    @Test(arguments: ContractClause.allCases)
    func `keeps the contract of task runtimes`(_ clause: ContractClause) async throws {
        try await ProcessRuntimeFixture.with { fixture in
            try await clause.check(subject(fixture, abilities: abilities))
        }
    }

    @Test(arguments: ContractClause.allCases)
    func `keeps the contract without cgroups`(_ clause: ContractClause) async throws {
        try await ProcessRuntimeFixture.with({ $0.usesCgroups = false }) { fixture in
            try await clause.check(subject(fixture, abilities: abilities.subtracting(.memoryLimit)))
        }
    }

    private var abilities: ContractSubject.Abilities {
        // Mounts need a namespace, limits a cgroup; both root, as the tests have it in CI and in a container.
        ProcessRuntimeFixture.isRoot ? [.memoryLimit, .ports, .selfSignal, .mounts] : [.ports, .selfSignal]
    }

    private func subject(
        _ fixture: ProcessRuntimeFixture, abilities: ContractSubject.Abilities
    ) -> ContractSubject {
        ContractSubject(
            abilities: abilities, environment: .live,
            missingCommand: TaskSpec(executable: "apollo-no-such-command"),
            shell: { TaskSpec(executable: "/bin/sh", command: ["-c", $0]) },
            makeRuntime: { fixture.another() })
    }
}
