import Core
import EventLoops
import Glibc
import Testing

/// Signals are the process's: one test, so that none meets another.
struct SignalsTests {
    @Test func `signals are awaited, belong to one, and are given back`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let signals = try await Signals.catching([.hangUp, .windowChanged], on: loop)
            // To the process, not by raise(3) to this thread: the pool's threads block every signal.
            for (number, signal) in [(SIGHUP, Signal.hangUp), (SIGWINCH, .windowChanged), (SIGHUP, .hangUp)] {
                kill(getpid(), number)
                #expect(try await signals.next() == signal)
            }

            do {
                _ = try await Signals.catching([.hangUp], on: loop)
                Issue.record("SIGHUP was taken twice")
            } catch let error as ApolloError {
                #expect(error.kind == .conflict)
            }

            let waiting = Task { () throws(SocketError) in try await signals.next() }
            waiting.cancel()
            await #expect(throws: SocketError.cancelled) { try await waiting.value }

            await signals.close()
            await #expect(throws: SocketError.closed) { try await signals.next() }
            let again = try await Signals.catching([.hangUp], on: loop)
            await again.close()
        }
    }
}
