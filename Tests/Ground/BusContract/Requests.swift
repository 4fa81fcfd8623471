import Buses
import Core

extension BusClause {
    static let requests: [BusClause] = [
        BusClause("a request gets the answer of who is subscribed") { bus in
            let server = try await bus.subscribe(pattern("double.*"))
            async let answer = bus.request(subject("double.two"), Array("2".utf8), within: .seconds(20))
            guard let asked = try await server.nextBatch()?.messages.first else {
                throw BusContractViolation(description: "the request did not arrive")
            }
            try bus.reply(to: asked, asked.payload + asked.payload)
            try expectEqual(try await answer.payload, Array("22".utf8))
        },
        BusClause("the first answer counts") { bus in
            let server = try await bus.subscribe(pattern("a"))
            async let answer = bus.request(subject("a"), [], within: .seconds(20))
            guard let asked = try await server.nextBatch()?.messages.first else {
                throw BusContractViolation(description: "the request did not arrive")
            }
            try bus.reply(to: asked, [1])
            try bus.reply(to: asked, [2])
            try expectEqual(try await answer.payload, [1])
        },
        BusClause("a request that nobody could answer fails at once") { bus in
            do throws(BusError) {
                _ = try await bus.request(subject("nobody"), [], within: .seconds(20))
            } catch {
                return try expectEqual(error, .noResponder(subject("nobody")))
            }
            throw BusContractViolation(description: "somebody answered")
        },
        BusClause("a request that nobody answers ends at its deadline") { bus in
            let silent = try await bus.subscribe(pattern("a"))
            do throws(BusError) {
                _ = try await bus.request(subject("a"), [], within: .milliseconds(10))
            } catch {
                try expectEqual(error, .deadline(subject("a"), .milliseconds(10)))
                return silent.cancel()
            }
            throw BusContractViolation(description: "somebody answered")
        },
        BusClause("a message that asks for no answer gets none") { bus in
            let subscription = try await bus.subscribe(pattern(">"))
            try bus.reply(to: BusMessage(subject: subject("a"), payload: []), [1])
            try bus.say("end", on: "b")
            try expectEqual(try await subscription.texts(1), ["end"])
        },
    ]
}
