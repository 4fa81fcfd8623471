import Concurrency
import Core
import Testing

struct BoundedCommandTests {
    private func outcome(_ script: String, within limit: Duration = .seconds(30), sizeLimit: Int = 100)
        -> Result<[UInt8], BoundedCommand.Failure>
    {
        let command = BoundedCommand(["sh", "-c", script], sizeLimit: sizeLimit)
        do throws(BoundedCommand.Failure) { return .success(try command.run(within: limit)) } catch {
            return .failure(error)
        }
    }

    @Test func `what it writes is returned, and nothing of its errors`() {
        #expect(outcome("echo out; echo err >&2; cat") == .success(Array("out\n".utf8)))
    }

    @Test func `how it fails is told`() {
        #expect(outcome("exit 3") == .failure(.exited(3)))
        #expect(outcome("kill -9 $$") == .failure(.signalled(9)))
        #expect(outcome("yes") == .failure(.tooMuch))
        #expect(throws: BoundedCommand.Failure.notFound) {
            try BoundedCommand(["no-such-program-anywhere"]).run(within: .seconds(30))
        }
    }

    @Test func `it is killed with what it started when its time is over, also when it says nothing more`() {
        let clock = LiveClock()
        let start = clock.now
        for script in [
            "sleep 1000 & sleep 1000", "exec >&-; sleep 1000", "while :; do printf x; sleep 0.01; done",
        ] {
            #expect(outcome(script, within: .milliseconds(200), sizeLimit: 1 << 20) == .failure(.tooSlow))
        }
        #expect(start.duration(to: clock.now) < .seconds(60))
    }
}
