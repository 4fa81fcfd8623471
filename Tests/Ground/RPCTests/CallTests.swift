import Concurrency
import Core
import RPC
import RPCModel
import TestServers
import Testing

@Suite("Calls over loopback")
struct CallTests {
    @Test("a unary call is answered")
    func unary() async throws {
        try await withLoopback(Loopback()) { loopback in
            try await loopback.says("hello", to: "hello")
            try await loopback.says("", to: "")
        }
    }

    @Test("a stream of answers comes whole and in order")
    func serverStreaming() async throws {
        try await withLoopback(Loopback()) { loopback in
            let found = try await loopback.channel.call(Echo.count, "1000") { answers in
                var found: [String] = []
                for try await answer in answers { found.append(answer) }
                return found
            }
            #expect(found == (0..<1000).map { "\($0)" })
        }
    }

    @Test("a stream of requests is answered once")
    func clientStreaming() async throws {
        try await withLoopback(Loopback()) { loopback in
            let sum = try await loopback.channel.call(Echo.sum) { requests, answers in
                for index in 1...100 { try await requests.write("\(index)") }
                try await requests.finish()
                return try await answers.next()
            }
            #expect(sum == "5050")
        }
    }

    @Test("streams both ways take turns")
    func bidirectional() async throws {
        try await withLoopback(Loopback()) { loopback in
            try await loopback.channel.call(Echo.chat) { requests, answers in
                for index in 0..<100 {
                    try await requests.write("\(index)")
                    #expect(try await answers.next() == "\(index)!")
                }
                try await requests.finish()
                #expect(try await answers.next() == nil)
            }
        }
    }

    @Test("a failure keeps its kind, its fields and its hint")
    func failure() async throws {
        try await withLoopback(Loopback()) { loopback in
            let error = try await #require(throws: RPCError.self) {
                try await loopback.channel.call(Echo.say, "fail")
            }
            #expect(error.code == .failedPrecondition)
            #expect(
                error.apolloError
                    == ApolloError(
                        .conflict, "no", hint: "say something else",
                        fields: [FieldError(path: "text", message: "bad")]))
        }
    }

    @Test("a method that does not exist says so")
    func unknownMethod() async throws {
        try await withLoopback(Loopback()) { loopback in
            let method = RPCMethod(service: "test.Echo", name: "Shout", request: text, response: text)
            let error = try await #require(throws: RPCError.self) {
                try await loopback.channel.call(method, "x")
            }
            #expect(error.code == .unimplemented)
            #expect(error.message.contains("/test.Echo/Shout"))
        }
    }

    @Test("the deadline travels, and ends the call at both ends")
    func deadline() async throws {
        try await withLoopback(Loopback()) { loopback in
            let told = try await loopback.channel.call(
                Echo.say, "deadline", options: RPCCallOptions(timeout: .seconds(30)))
            let remaining = try #require(Int(told))
            // The core sends few digits of a time that is left, rounded up: a hundredth more may arrive.
            #expect((20_000_000...30_500_000).contains(remaining))
            // On a busy machine the time may be over before the call arrives: then it has nothing to end there.
            var timeout = Duration.milliseconds(50)
            while loopback.started.count == 0 {
                // At the test's own time limit each further call would be cancelled, for ever.
                try Task.checkCancellation()
                let error = try await #require(throws: RPCError.self) {
                    try await loopback.channel.call(
                        Echo.hang, "late", options: RPCCallOptions(timeout: timeout))
                }
                #expect(error.code == .deadlineExceeded)
                timeout = timeout * 2
            }
            let ended = try await loopback.cancelled.nextBatch()
            #expect(ended?.first == "late")
        }
    }

    @Test("a call made while answering another ends no later than that one, and carries its id")
    func inheritance() async throws {
        try await withLoopback(Loopback()) { loopback in
            let context = RPCContext(
                path: "/a/B", kind: .unary, metadata: RPCMetadata(["traceparent": "00-aa-bb-01"]),
                deadline: Environment.live.clock.now.advanced(by: .seconds(5)), peer: "", identity: nil,
                requestID: "r7")
            try await RPCContext.$current.withValue(context) {
                let told = try await loopback.channel.call(
                    Echo.say, "deadline", options: RPCCallOptions(timeout: .seconds(300)))
                let remaining = try #require(Int(told))
                // Rounded up on the wire, as above.
                #expect(remaining <= 5_100_000)
                let metadata = try await loopback.channel.call(Echo.say, "metadata")
                #expect(metadata.contains("traceparent=\(Array("00-aa-bb-01".utf8))"))
                #expect(metadata.contains("x-request-id=\(Array("r7".utf8))"))
            }
        }
    }

    @Test("metadata of text and bytes arrives as it was sent")
    func metadata() async throws {
        try await withLoopback(Loopback()) { loopback in
            var metadata = RPCMetadata(["a": "1", "b": "2"])
            try metadata.add("a", "3")
            try metadata.add("c-bin", bytes: [0, 255, 10])
            let seen = try await loopback.channel.call(
                Echo.say, "metadata", options: RPCCallOptions(metadata: metadata))
            #expect(
                seen.contains("a=[49];") && seen.contains("a=[51]") && seen.contains("c-bin=[0, 255, 10]"))
        }
    }

    @Test("a client that gives up cancels the handler")
    func cancellation() async throws {
        try await withLoopback(Loopback()) { loopback in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await #expect(throws: RPCError.self) {
                        try await loopback.channel.call(Echo.hang, "a")
                    }
                    #expect(error?.code == .cancelled)
                }
                _ = try await loopback.started.nextBatch()
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(try await loopback.cancelled.nextBatch() == ["a"])
        }
    }

    @Test("a reader who leaves cancels the rest of the stream")
    func leaving() async throws {
        try await withLoopback(Loopback()) { loopback in
            let first = try await loopback.channel.call(Echo.count, "100000000") { try await $0.next() }
            #expect(first == "0")
        }
    }

    @Test("ten thousand cancelled calls leave none behind")
    func manyCancelled() async throws {
        try await withLoopback(Loopback()) { loopback in
            for _ in 0..<100 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<100 {
                        group.addTask {
                            _ = try? await loopback.channel.call(
                                Echo.hang, "\(index)", options: RPCCallOptions(timeout: .seconds(50)))
                        }
                    }
                    var started = 0
                    while started < 100 { started += try await loopback.started.nextBatch()?.count ?? 100 }
                    group.cancelAll()
                }
            }
            try await loopback.says("still", to: "still")
            while loopback.server.statistics.running > 0 { await Task.yield() }
        }
    }

    @Test("a message larger than the limit is refused, in both directions")
    func largeMessages() async throws {
        try await withLoopback(Loopback({ $0.maximumMessage = 1 << 20 })) { loopback in
            let fitting = String(repeating: "x", count: 1 << 20)
            try await loopback.says(fitting, to: fitting)
            let error = try await #require(throws: RPCError.self) {
                try await loopback.channel.call(Echo.say, fitting + "x")
            }
            #expect(error.code == .resourceExhausted)
            #expect(error.message.contains("1048577"))
        }
        try await withLoopback(Loopback(channel: { $0.maximumMessage = 1000 })) { loopback in
            let error = try await #require(throws: RPCError.self) {
                try await loopback.channel.call(Echo.say, String(repeating: "x", count: 1001))
            }
            #expect(error.code == .resourceExhausted)
        }
    }

    @Test("one call more than allowed is refused")
    func tooMany() async throws {
        try await withLoopback(Loopback({ $0.maximumCalls = 1 })) { loopback in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await loopback.channel.call(Echo.hang, "a") }
                _ = try await loopback.started.nextBatch()
                let error = await #expect(throws: RPCError.self) {
                    try await loopback.channel.call(Echo.say, "b")
                }
                #expect(error?.code == .resourceExhausted)
                group.cancelAll()
            }
        }
    }

    @Test("nobody there is said at once, and waited for when asked")
    func unavailable() async throws {
        let loopback = try Loopback()
        await loopback.close()
        let error = try await #require(throws: RPCError.self) {
            try await loopback.channel.call(Echo.say, "x")
        }
        #expect(error.code == .unavailable)
        let late = try await #require(throws: RPCError.self) {
            try await loopback.channel.call(
                Echo.say, "x", options: RPCCallOptions(timeout: .milliseconds(300), waitsForConnection: true))
        }
        #expect(late.code == .deadlineExceeded)
    }

    @Test("a server that is slow to answer a connection is waited for")
    func slowConnection() async throws {
        // Connections end in the queue of a socket that nobody accepts them from.
        let listener = try #require(SilentListener())
        let poller = RPCPoller(name: "rpc-test")
        let channel = try RPCChannel(
            .tcp("127.0.0.1", listener.port), configuration: RPCChannelConfiguration(environment: .live),
            poller: poller)
        let error = try await #require(throws: RPCError.self) {
            try await channel.call(Echo.say, "x", options: RPCCallOptions(timeout: .milliseconds(700)))
        }
        #expect(error.code == .deadlineExceeded)
    }

    @Test("interceptors see every call, change what its handler sees, and refuse")
    func interceptors() async throws {
        struct Name: Sendable { var text: String }
        let seen = Mailbox<String>("seen", capacity: 10)
        let outer = RPCInterceptor { context, next in
            do {
                try await next(context)
                _ = seen.send("\(context.path) ok")
            } catch {
                _ = seen.send("\(context.path) \(RPCStatus.failure(error).code.name)")
                throw error
            }
        }
        let inner = RPCInterceptor { context, next in
            guard context.metadata["token"] == "t" else {
                throw ApolloError(.unauthenticated, "who are you?")
            }
            var context = context
            context[Name.self] = Name(text: "me")
            try await next(context)
        }
        try await withLoopback(Loopback(interceptors: [outer, inner])) { loopback in
            let error = try await #require(throws: RPCError.self) {
                try await loopback.channel.call(Echo.say, "x")
            }
            #expect(error.code == .unauthenticated)
            let options = RPCCallOptions(metadata: RPCMetadata(["token": "t"]))
            try await loopback.says("x", to: "x", options: options)
            #expect(try await seen.nextBatch() == ["/test.Echo/Say UNAUTHENTICATED", "/test.Echo/Say ok"])
        }
    }

    @Test("a server that ends lets calls finish, and cancels what does not")
    func shutdown() async throws {
        let loopback = try Loopback()
        try await withDeadline(.seconds(60), clock: Environment.live.clock, of: "the test") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: RPCError.self) { try await loopback.channel.call(Echo.hang, "a") }
                }
                _ = try await loopback.started.nextBatch()
                await loopback.server.shutdown(deadline: .milliseconds(100))
                #expect(loopback.server.statistics.running == 0)
                try await group.waitForAll()
            }
            await loopback.poller.stop()
        }
    }

    @Test("two servers cannot have one port")
    func portTaken() async throws {
        try await withLoopback(Loopback()) { loopback in
            let error = #expect(throws: ApolloError.self) {
                _ = try Loopback({ $0.endpoints = [.init(loopback.address)] })
            }
            #expect(error?.message.contains("already in use") == true)
        }
    }

    @Test("a unix socket serves as well")
    func unixSocket() async throws {
        let path = "/tmp/rpc-\(Environment.live.random.next()).sock"
        try await withLoopback(Loopback({ $0.endpoints = [.init(.unix(path))] })) { loopback in
            try await loopback.says("hello", to: "hello")
        }
    }
}
