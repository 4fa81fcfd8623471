import Buses
import ClusterModel
import Concurrency
import Core
import Managers
import Testing
import Workers

struct ManagerEventTests {
    @Test func `what is stored is said on the bus`() async throws {
        let store = ScriptedStore()
        let bus = LocalBus(environment: .live)
        let pattern = try #require(SubjectPattern(parsing: ManagerEvents.tasks))
        let subscription = try await bus.subscribe(pattern)
        let platform = Platform(store, ScriptedRuntime(), node: Environment.live.identifier(), bus: bus)
        try await platform.live { platform in
            let record = try await platform.submit("one")
            var subjects: Set<String> = []
            while subjects.isEmpty, let batch = try await subscription.nextBatch() {
                subjects = Set(batch.messages.map(\.subject.text))
                for message in batch.messages {
                    #expect(try RecordCoding.decode(message.payload).id == record.id)
                }
            }
            #expect(subjects == ["tasks.default.\(record.id).state"])
        }
    }
}
