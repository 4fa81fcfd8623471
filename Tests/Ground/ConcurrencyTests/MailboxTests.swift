import Concurrency
import Core
import Simulation
import Testing

struct MailboxTests {
    @Test func `signals are waited for until a deadline, and taken together`() async throws {
        let signals = Mailbox<Void>("signals", capacity: 2)
        let clock = LiveClock()
        try await signals.takeSignals(until: clock.now, clock: clock)
        for deadline in [clock.now.advanced(by: .seconds(3600)), nil] {
            for _ in 0..<2 { #expect(signals.send(())) }
            try await signals.takeSignals(until: deadline, clock: clock)
        }
    }

    @Test func `what is sent comes in order and in batches`() async throws {
        let mailbox = Mailbox<Int>("numbers", capacity: 10)
        for number in 0..<5 { #expect(mailbox.send(number)) }
        #expect(try await mailbox.nextBatch() == [0, 1, 2, 3, 4])
        #expect(mailbox.send(5))
        #expect(try await mailbox.nextBatch() == [5])
    }

    @Test func `a full mailbox refuses and takes again once it was read`() async throws {
        let mailbox = Mailbox<Int>("numbers", capacity: 2)
        #expect(mailbox.send(1))
        #expect(mailbox.send(2))
        #expect(!mailbox.send(3))
        #expect(mailbox.count == 2)
        #expect(try await mailbox.nextBatch() == [1, 2])
        #expect(mailbox.send(3))
    }

    @Test func `a closed mailbox delivers what it has and then ends`() async throws {
        let mailbox = Mailbox<Int>("numbers", capacity: 2)
        #expect(mailbox.send(1))
        mailbox.close()
        #expect(!mailbox.send(2))
        #expect(try await mailbox.nextBatch() == [1])
        #expect(try await mailbox.nextBatch() == nil)
        await #expect(throws: ApolloError(.unavailable, "the mailbox 'numbers' is closed")) {
            try await mailbox.sendWaiting(3)
        }
    }

    @Test func `waiting senders are let in first come first served`() throws {
        for seed: UInt64 in 0..<50 {
            let received = try Simulator(seed: seed).run { simulator in
                let clock = simulator.environment.clock
                let mailbox = Mailbox<Int>("numbers", capacity: 3)
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            try await clock.sleep(for: .milliseconds(number + 1))
                            try await mailbox.sendWaiting(number)
                        }
                    }
                    try await clock.sleep(for: .seconds(1))
                    #expect(!mailbox.send(99))
                    var received: [Int] = []
                    var batch: [Int] = []
                    while received.count < 20, try await mailbox.nextBatch(into: &batch) {
                        #expect(batch.count <= 3)
                        received += batch
                    }
                    return received
                }
            }
            #expect(received == Array(0..<20))
        }
    }

    @Test func `a cancelled sender leaves nothing behind`() throws {
        let rest = try Simulator(seed: 1).run { simulator in
            let mailbox = Mailbox<Int>("numbers", capacity: 1)
            #expect(mailbox.send(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await mailbox.sendWaiting(2) }
                }
                try await simulator.environment.clock.sleep(for: .seconds(1))
                group.cancelAll()
            }
            let first = try await mailbox.nextBatch()
            #expect(mailbox.send(3))
            return try await [first, mailbox.nextBatch()]
        }
        #expect(rest == [[1], [3]])
    }

    @Test func `a cancelled consumer can come back`() throws {
        let batch = try Simulator(seed: 2).run { simulator in
            let mailbox = Mailbox<Int>("numbers", capacity: 1)
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await mailbox.nextBatch() }
                }
                try? await simulator.environment.clock.sleep(for: .seconds(1))
                group.cancelAll()
            }
            #expect(mailbox.send(1))
            return try await mailbox.nextBatch()
        }
        #expect(batch == [1])
    }

    @Test func `closing wakes those who wait to send`() throws {
        try Simulator(seed: 3).run { simulator in
            let mailbox = Mailbox<Int>("numbers", capacity: 1)
            #expect(mailbox.send(1))
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: ApolloError.self) { try await mailbox.sendWaiting(2) }
                }
                try? await simulator.environment.clock.sleep(for: .seconds(1))
                mailbox.close()
            }
            let batches = try await [mailbox.nextBatch(), mailbox.nextBatch()]
            #expect(batches == [[1], nil])
        }
    }

    @Test func `nothing is lost or doubled between threads`() async throws {
        let mailbox = Mailbox<Int>("numbers", capacity: 64)
        let senders = 8
        let each = 5000
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<senders {
                group.addTask {
                    for number in 0..<each { try await mailbox.sendWaiting(sender * each + number) }
                }
            }
            var last = Array(repeating: -1, count: senders)
            var count = 0
            var batch: [Int] = []
            while count < senders * each, try await mailbox.nextBatch(into: &batch) {
                for number in batch {
                    #expect(last[number / each] == number % each - 1)
                    last[number / each] = number % each
                }
                count += batch.count
            }
            #expect(count == senders * each)
            try await group.waitForAll()
        }
        #expect(mailbox.count == 0)
    }
}
