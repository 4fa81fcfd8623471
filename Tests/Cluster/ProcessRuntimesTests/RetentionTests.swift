import ClusterModel
import Core
import TaskRuntimes
import Testing

@testable import ProcessRuntimes

struct RetentionTests {
    @Test func `output that is kept with that of others is dropped as any other, and that is said`()
        async throws
    {
        try await ProcessRuntimeFixture.with { fixture in
            var attempts: [AttemptID] = []
            for number in 0..<4 {
                let attempt = try await fixture.start("echo output of \(number)")
                #expect(try await fixture.runtime.wait(attempt).code == 0)
                attempts.append(attempt)
            }
            #expect(names(in: fixture.directory + "/attempts") == nil, "nobody has read anything")
            // 16 bytes before each record of 12.
            let retention = LogRetention(keep: .seconds(3600), maxSize: ByteCount(2 * 28))
            for _ in 0..<2 { try await fixture.runtime.trimLogs(retention) }
            for attempt in attempts[..<2] {
                let text = try await fixture.text(of: attempt)
                #expect(text == "[apollo: 28 bytes of older output were dropped]\n")
            }
            for (number, attempt) in attempts.enumerated().dropFirst(2) {
                #expect(try await fixture.text(of: attempt) == "output of \(number)\n")
            }
        }
    }
}
