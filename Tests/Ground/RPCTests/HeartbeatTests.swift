import Concurrency
import Core
import RPC
import RPCModel
import Testing

@Suite("Heartbeats between two ends")
struct HeartbeatTests {
    private let options = RPCCallOptions(heartbeat: RPCHeartbeat(every: .milliseconds(500)))

    @Test("a stream that is quiet for long stays")
    func quiet() async throws {
        try await withLoopback(Loopback()) { loopback in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await #expect(throws: RPCError.self) {
                        try await loopback.channel.call(Echo.quiet, "q", options: options) {
                            _ = try await $0.next()
                        }
                    }
                    #expect(error?.code == .cancelled)
                }
                _ = try await loopback.started.nextBatch()
                // Twice what a lost peer is given.
                // lint:allow sleeping silence is what is tested
                try await Environment.live.clock.sleep(for: .seconds(3))
                #expect(loopback.server.statistics.running == 1)
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(try await loopback.cancelled.nextBatch() == ["q"])
        }
    }

    @Test("messages pass between heartbeats, whole and in order, and the stream ends")
    func messages() async throws {
        try await withLoopback(Loopback()) { loopback in
            let count = try await loopback.channel.call(Echo.count, "5000", options: options) { answers in
                var count = 0
                for try await answer in answers {
                    #expect(answer == "\(count)")
                    count += 1
                }
                return count
            }
            #expect(count == 5000)
            try await loopback.channel.call(Echo.chat, options: options) { requests, answers in
                for index in 0..<20 {
                    try await requests.write("\(index)")
                    #expect(try await answers.next() == "\(index)!")
                    // lint:allow sleeping silence is what is tested
                    try await Environment.live.clock.sleep(for: .milliseconds(20))
                }
                try await requests.finish()
                #expect(try await answers.next() == nil)
            }
        }
    }

    @Test("what stands for a heartbeat is not sent as a message")
    func reserved() async throws {
        try await withLoopback(Loopback()) { loopback in
            await #expect(throws: RPCError.self) {
                try await loopback.channel.call(Echo.chat, options: options) { requests, _ in
                    try await requests.write("\0")
                }
            }
        }
    }
}
