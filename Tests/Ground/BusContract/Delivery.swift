import Buses
import Core

extension BusClause {
    static let delivery: [BusClause] = [
        BusClause("everyone subscribed to a subject gets its messages, in their order") { bus in
            let first = try await bus.subscribe(pattern("a.b"))
            let second = try await bus.subscribe(pattern("a.b"))
            for number in 0..<100 { try bus.say("\(number)", on: "a.b") }
            let expected = (0..<100).map { "\($0)" }
            try expectEqual(try await first.texts(100), expected)
            try expectEqual(try await second.texts(100), expected)
        },
        BusClause("a star is one token, and an arrow is one or more") { bus in
            let star = try await bus.subscribe(pattern("tasks.*.state"))
            let arrow = try await bus.subscribe(pattern("tasks.>"))
            let all = try await bus.subscribe(pattern(">"))
            for name in ["tasks", "tasks.one", "tasks.one.state", "tasks.one.two.state", "nodes.one.state"] {
                try bus.say(name, on: name)
            }
            try bus.say("end", on: "tasks.end.state")
            try expectEqual(try await star.texts(2), ["tasks.one.state", "end"])
            try expectEqual(
                try await arrow.texts(4), ["tasks.one", "tasks.one.state", "tasks.one.two.state", "end"])
            try expectEqual(
                try await all.texts(6),
                ["tasks", "tasks.one", "tasks.one.state", "tasks.one.two.state", "nodes.one.state", "end"])
        },
        BusClause("what was published before the subscription does not arrive") { bus in
            try bus.say("early", on: "a")
            let late = try await bus.subscribe(pattern("a"))
            try bus.say("late", on: "a")
            try expectEqual(try await late.texts(1), ["late"])
        },
        BusClause("after it was cancelled a subscription ends") { bus in
            let subscription = try await bus.subscribe(pattern("a"))
            try bus.say("one", on: "a")
            try expectEqual(try await subscription.texts(1), ["one"])
            subscription.cancel()
            try bus.say("two", on: "a")
            try expectEqual(try await subscription.nextBatch(), nil)
        },
        BusClause("cancelling it ends a wait for messages") { bus in
            let subscription = try await bus.subscribe(pattern("a"))
            async let batch = subscription.nextBatch()
            subscription.cancel()
            try expectEqual(try await batch, nil)
        },
        BusClause("a payload is what was sent, empty and of any bytes") { bus in
            let subscription = try await bus.subscribe(pattern("a"))
            let payloads: [[UInt8]] = [
                [], [0], Array(0...255), [UInt8](repeating: 7, count: BusMessage.maximumPayload),
            ]
            var received: [[UInt8]] = []
            for payload in payloads { try bus.publish(subject("a"), payload) }
            while received.count < payloads.count, let batch = try await subscription.nextBatch() {
                received += batch.messages.map(\.payload)
            }
            try expectEqual(received == payloads, true)
        },
        BusClause("a payload that is too large is refused") { bus in
            let limit = BusMessage.maximumPayload
            do throws(BusError) {
                try bus.publish(subject("a"), [UInt8](repeating: 0, count: limit + 1))
            } catch {
                return try expectEqual(error, .payloadTooLarge(bytes: limit + 1, limit: limit))
            }
            throw BusContractViolation(description: "it was taken")
        },
    ]
}
