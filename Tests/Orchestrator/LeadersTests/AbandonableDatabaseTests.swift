import Concurrency
import Core
import Databases
import Leaders
import Testing

@Suite("Calls of a database that may not answer")
struct AbandonableDatabaseTests {
    @Test("once they are given up nobody waits for them any longer, and no more begin")
    func givenUp() async throws {
        let silent = SilentDatabase()
        let database = AbandonableDatabase(silent)
        let calls = [
            Task { try await database.read { _ in 1 } }, Task { try await database.write { _ in 1 } },
        ]
        try await silent.asked.wait()
        database.giveUp(ApolloError(.unavailable, "it is over"))
        for call in calls {
            let error = await #expect(throws: ApolloError.self) { try await call.value }
            #expect(error?.message == "it is over")
        }
        await #expect(throws: ApolloError.self) { try await database.read { _ in 1 } }
        silent.answers.open()
    }

    @Test("one that is cancelled still says what became of it")
    func cancelled() async throws {
        let silent = SilentDatabase()
        let database = AbandonableDatabase(silent)
        let (one, other) = (
            Task { try await database.read { _ in 1 } }, Task { try await database.read { _ in 1 } }
        )
        try await silent.asked.wait()
        one.cancel()
        silent.answers.open()
        await #expect(throws: SilentDatabase.Answer.self) { try await one.value }
        await #expect(throws: SilentDatabase.Answer.self) { try await other.value }
    }
}
