import Concurrency
import Core
import Networking
import Simulation
import Synchronization

/// One of the counter's managers: takes the lease when it can, and counts in memory while it leads.
final class CounterManager: Sendable {
    private struct Request: Sendable {
        var id: String
        var answer = Latch<String>()
    }

    private static let database = NetworkAddress(host: "database", port: 5432)
    private let process: SimulatedProcess
    private let requests = Mailbox<Request>("requests", capacity: 16)
    private let leads = Mutex(false)

    init(_ process: SimulatedProcess) { self.process = process }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Lines.serve(self.process, port: 7070) { try await self.answer($0) } }
            group.addTask { try await self.contend() }
            try await group.waitForAll()
        }
    }

    private func answer(_ id: String) async throws -> String {
        let request = Request(id: id)
        guard leads.withLock({ $0 }), requests.send(request) else { return "elsewhere" }
        return try await withDeadline(.seconds(4), clock: process.environment.clock, of: "the count") {
            try await request.answer.value()
        }
    }

    /// Takes the lease again and again, and leads while it has it.
    private func contend() async throws {
        let environment = process.environment
        while true {
            do { try await lead() } catch let error as ApolloError where isTransient(error) {}
            leads.withLock { $0 = false }
            let wait = 200 + Int(environment.random.next(below: 800))
            try await environment.clock.sleep(for: .milliseconds(wait))
        }
    }

    private func lead() async throws {
        let clock = process.environment.clock
        let start = clock.now
        let granted = try await Lines.ask(
            "acquire \(process.host.name)", at: Self.database, within: .seconds(2), process)
        let words = granted.split(separator: " ").map(String.init)
        guard words[0] == "granted" else { return }
        let epoch = Int(words[1])!
        var value = Int(words[2])!
        var applied: [String: Int] = [:]
        for word in words.dropFirst(3) {
            let parts = word.split(separator: "=")
            applied[String(parts[0])] = Int(parts[1])!
        }
        // From when it asked: the database's lease began later, and so ends later.
        let end = start.advanced(by: CounterDatabase.lease)
        leads.withLock { $0 = true }
        while clock.now < end {
            let batch = try await withDeadline(end, clock: clock, of: "the lease") { [requests] in
                try await requests.nextBatch() ?? []
            }
            for request in batch {
                if let known = applied[request.id] {
                    request.answer.set("\(known)")
                    continue
                }
                guard clock.now < end else { return }
                let answer = try await Lines.ask(
                    "commit \(request.id) \(value + 1) \(epoch)", at: Self.database, within: .seconds(2),
                    process)
                // Without an answer nothing is known, and after `stale` another leads: in both cases it starts anew.
                guard answer == "done" else { return }
                value += 1
                applied[request.id] = value
                request.answer.set("\(value)")
            }
        }
    }
}
