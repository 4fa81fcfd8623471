import Buses
import Core

extension BusClause {
    static let slowness: [BusClause] = [
        BusClause("a slow subscriber that drops the oldest gets the newest, and is told how many it missed") {
            bus in
            let options = SubscriptionOptions(capacity: 4, overflow: .dropOldest)
            let slow = try await bus.subscribe(pattern("a"), options)
            let quick = try await bus.subscribe(pattern("a"))
            for number in 0..<10 { try bus.say("\(number)", on: "a") }
            // Whoever is quick is not held up, and its having them says that they are delivered.
            try expectEqual(try await quick.texts(10).count, 10)
            let batch = try await slow.nextBatch()
            try expectEqual(batch?.missed, 6)
            try expectEqual(
                batch?.messages.map { String(decoding: $0.payload, as: UTF8.self) }, ["6", "7", "8", "9"])
            try expectEqual(slow.missed, 6)
            try bus.say("10", on: "a")
            try expectEqual(try await slow.nextBatch()?.missed, 0)
        },
        BusClause("a slow subscriber that wants to be disconnected gets what came before, and then an error")
        { bus in
            let options = SubscriptionOptions(capacity: 4, overflow: .disconnect)
            let slow = try await bus.subscribe(pattern("a"), options)
            let quick = try await bus.subscribe(pattern("a"))
            for number in 0..<10 { try bus.say("\(number)", on: "a") }
            try expectEqual(try await quick.texts(10).count, 10)
            try expectEqual(try await slow.texts(4), ["0", "1", "2", "3"])
            do throws(BusError) {
                _ = try await slow.nextBatch()
            } catch {
                return try expectEqual(error, .tooSlow(missed: 6))
            }
            throw BusContractViolation(description: "it went on")
        },
    ]
}
