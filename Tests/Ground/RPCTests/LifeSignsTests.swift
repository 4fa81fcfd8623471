import Concurrency
import Core
import RPCModel
import Synchronization
import Testing

@testable import RPC

@Suite("Signs of life")
struct LifeSignsTests {
    private let heartbeat = RPCHeartbeat(every: .milliseconds(100))

    private func looks(_ signs: LifeSigns, _ count: Int) -> Bool {
        (0..<count).contains { _ in signs.look() == .peerIsLost }
    }

    @Test("a peer that says nothing is lost after three intervals")
    func lost() async {
        let signs = LifeSigns(heartbeat, clock: LateClock(by: .zero))
        signs.agree()
        let tag = Tag()
        async let received = signs.receiving(tag.keep)
        await tag.isKept()
        #expect(!looks(signs, 6))
        #expect(looks(signs, 1))
        tag.end(false)
        #expect(await received == false)
    }

    @Test("a peer that has agreed to nothing is not missed")
    func notAgreed() async {
        let signs = LifeSigns(heartbeat, clock: LateClock(by: .zero))
        let tag = Tag()
        async let received = signs.receiving(tag.keep)
        await tag.isKept()
        #expect(!looks(signs, 100))
        tag.end(true)
        #expect(await received)
    }

    @Test("what has come counts before its reader has its turn")
    func readerWaits() async throws {
        let signs = LifeSigns(heartbeat, clock: LateClock(by: .zero))
        signs.agree()
        let tag = Tag(), turns = Turns()
        let reader = Task(executorPreference: turns) { await signs.receiving(tag.keep) }
        turns.give()
        await tag.isKept()
        tag.end(true)
        #expect(!looks(signs, 100))
        turns.giveAlways()
        #expect(await reader.value)
    }

    @Test("a program that was stopped for long does not blame its peer")
    func stopped() async {
        let clock = LateClock(by: .seconds(60))
        let signs = LifeSigns(heartbeat, clock: clock)
        signs.agree()
        let tag = Tag()
        async let received = signs.receiving(tag.keep)
        await tag.isKept()
        await signs.run {
        } lost: {
            #expect($0.contains("no sign of life"))
        }
        #expect(clock.sleeps == 7)
        tag.end(false)
        _ = await received
    }
}

/// A clock whose every sleep ends too late.
private final class LateClock: MonotonicClock {
    private struct State {
        var now = MonotonicInstant(nanoseconds: 0)
        var sleeps = 0
    }

    private let delay: Duration
    private let state = Mutex(State())

    init(by delay: Duration) { self.delay = delay }

    var now: MonotonicInstant { state.withLock { $0.now } }
    var sleeps: Int { state.withLock { $0.sleeps } }

    func sleep(until deadline: MonotonicInstant) async throws {
        state.withLock { state in
            state.now = deadline.advanced(by: delay)
            state.sleeps += 1
        }
    }
}

/// An operation that ends when the test says so.
private final class Tag: Sendable {
    private let pointer = Mutex<UInt?>(nil)
    private let kept = Latch<Void>()

    func keep(_ pointer: UnsafeMutableRawPointer) -> Bool {
        self.pointer.withLock { $0 = UInt(bitPattern: pointer) }
        kept.set(())
        return true
    }

    func isKept() async { try? await kept.value() }

    func end(_ succeeded: Bool) {
        guard let address = pointer.withLock({ $0.take() }),
            let pointer = UnsafeMutableRawPointer(bitPattern: address)
        else { return }
        OperationTag(pointer: pointer).finish(succeeded)
    }
}

/// An executor that runs nothing until it is told to.
private final class Turns: TaskExecutor {
    private struct State {
        var waiting: [UnownedJob] = []
        var isOpen = false
    }

    private let state = Mutex(State())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let runsNow = state.withLock { state in
            if !state.isOpen { state.waiting.append(job) }
            return state.isOpen
        }
        if runsNow { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    func give() {
        let jobs = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    func giveAlways() {
        state.withLock { $0.isOpen = true }
        give()
    }
}
