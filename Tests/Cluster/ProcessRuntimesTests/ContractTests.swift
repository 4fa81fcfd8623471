import ClusterModel
import Concurrency
import ProcessRuntimes
import TaskRuntimeContract
import Testing

@Suite(.timeLimit(.minutes(3)))
struct ContractTests {
    @Test(arguments: ContractClause.allCases)
    func `keeps the contract of task runtimes`(_ clause: ContractClause) async throws {
        try await check(clause, .any)
    }

    @Test(
        .enabled(if: ProcessRuntimeFixture.hasVersion1, "needs root and a freezer cgroup"),
        arguments: ContractClause.allCases)
    func `keeps the contract with cgroups of version 1`(_ clause: ContractClause) async throws {
        try await check(clause, .version1)
    }

    @Test(arguments: ContractClause.allCases)
    func `keeps the contract without cgroups`(_ clause: ContractClause) async throws {
        try await check(clause, .none)
    }

    private func check(_ clause: ContractClause, _ cgroups: CgroupUse) async throws {
        try await ProcessRuntimeFixture.with({ $0.cgroups = cgroups }) { fixture in
            var abilities = abilities
            // A machine may have cgroups and not let us limit anything with them.
            let detail = await fixture.runtime.probe().detail
            if detail.contains("memory") { abilities.insert(.memoryLimit) }
            try await clause.check(subject(fixture, abilities: abilities))
        }
    }

    private var abilities: ContractSubject.Abilities {
        // Mounts need a namespace, and that root.
        ProcessRuntimeFixture.isRoot ? [.ports, .selfSignal, .mounts] : [.ports, .selfSignal]
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
