import Benchmarks
import Core
import Glibc
import Testing

@Suite struct `Reading what others print` {
    private let report = """
        Running 2s test @ http://127.0.0.1:1/
          2 threads and 64 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency   795.52us  312.02us   8.83ms   79.41%
            Req/Sec    40.32k     2.02k   45.83k    73.17%
          163953 requests in 2.10s, 21.11MB read
        Requests/sec:  78078.69
        Transfer/sec:     10.05MB
        """

    @Test func `a report of wrk`() throws {
        let read = try #require(WrkReport(parsing: report))
        #expect(read.requests == 163953)
        #expect(read.requestsPerSecond == 78078.69)
        #expect(read.failures == 0)
    }

    @Test func `failures of both kinds are added up`() throws {
        let text =
            report
            + "\n  Socket errors: connect 0, read 3, write 0, timeout 2\n  Non-2xx or 3xx responses: 12\n"
        #expect(try #require(WrkReport(parsing: text)).failures == 17)
    }

    @Test(arguments: [
        "", "unable to connect to 127.0.0.1:1 Connection refused", "Requests/sec:  many", "\0\u{FF}",
    ])
    func `what is no report is refused`(text: String) {
        #expect(WrkReport(parsing: text) == nil)
    }

    @Test func `a program's name may hold what separates fields`() throws {
        let stat = "42 (a) b (c d) S 7 42 42 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 1 0 100 1 1"
        let read = try #require(ProcessStat(parsing: stat))
        #expect(read.parent == 7)
        #expect(read.ticks == 200)
    }

    @Test(arguments: ["", "42", "42 (x)", "42 (x) S seven 1 1 1 1 1 1 1 1 1 1 1 1", "42 (x) S 1 2 3"])
    func `what is no line of proc is refused`(text: String) {
        #expect(ProcessStat(parsing: text) == nil)
    }

    @Test func `memory is read by its name alone`() {
        let text =
            "55d0-7ff0 ---p 0 00:00 0 [rollup]\nRss:      1234 kB\nPss:       567 kB\nPss_Dirty:   9 kB\n"
        #expect(ProcessStat.kibibytes("Pss", in: text) == 567)
        #expect(ProcessStat.kibibytes("Rss", in: text) == 1234)
        #expect(ProcessStat.kibibytes("Swap", in: text) == nil)
        #expect(ProcessStat.kibibytes("Pss", in: "Pss: lots\n") == nil)
    }

    @Test func `this process is among those of its own tree, and has memory`() throws {
        let tree = try ProcessFacts.tree(of: getpid())
        #expect(tree.contains(ProcessFacts(getpid())))
        #expect(try ProcessFacts(getpid()).memory("Pss") > 0)
        #expect(try ProcessFacts(getpid()).processorTime() >= .zero)
    }

    @Test func `the most memory that there was is no less than what is held`() throws {
        let own = ProcessFacts(getpid())
        try own.forgetPeak()
        // Touched, so that it is not only addresses.
        let bytes = [UInt8](repeating: 1, count: 64 << 20)
        #expect(try own.peakMemory() >= 64)
        #expect(bytes.count == 64 << 20)
    }

    @Test func `a process that is gone is an error`() throws {
        let child = try ChildProcess("/bin/true", [])
        _ = try child.wait(within: .seconds(20))
        #expect(throws: ApolloError.self) { try ProcessFacts(child.pid).processorTime() }
    }
}
