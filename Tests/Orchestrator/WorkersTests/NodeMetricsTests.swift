import ClusterModel
import Core
import Testing

@testable import Workers

@Suite("What a machine is busy with")
struct NodeMetricsTests {
    @Test("the processors' time is busy but for idling and waiting for disks")
    func processors() throws {
        let times = try #require(
            NodeMetricsReader.processorTimes("cpu  100 10 50 700 40 5 5 90 30 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n")
        )
        #expect(times.all == 1000)
        #expect(times.busy == 260)
    }

    @Test(
        "what is no such line says nothing",
        arguments: ["", "cpu", "cpu0 1 2 3 4 5 6 7 8", "cpu a b c d e f g h"])
    func odd(text: String) { #expect(NodeMetricsReader.processorTimes(text) == nil) }

    @Test("memory is told in kibibytes")
    func memory() {
        let text = "MemTotal:       2048 kB\nMemFree:  1 kB\nMemAvailable:   512 kB\n"
        #expect(NodeMetricsReader.kibibytes("MemAvailable", in: text)! == 524_288)
        #expect(NodeMetricsReader.kibibytes("Mem", in: text) == nil)
    }

    @Test("this machine tells")
    func live() throws {
        struct Clock: WallClock {
            var now: Timestamp { Timestamp(microseconds: 1) }
        }
        let reader = NodeMetricsReader(dataDirectory: "/", clock: Clock())
        let metrics = try #require(reader.read(tasks: 3))
        #expect(metrics.tasks == 3)
        #expect((0...1).contains(metrics.cpuBusy))
        #expect(metrics.load.count == 3)
        #expect(metrics.memoryTotal > metrics.memoryUsed)
        #expect(metrics.diskTotal.bytes > 0)
    }
}
