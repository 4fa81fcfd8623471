import ClusterModel
import Core
import Testing

@testable import Machines

@Suite("What nvidia-smi says")
struct GPUReportTests {
    private func report(_ text: String) -> GPUReport { GPUReport(parsing: Array(text.utf8)) }

    @Test func `each line is a GPU, and its name may hold commas`() {
        let report = report(
            """
            1, GPU-77b1aaaa-0000-1111-2222-333344445555, 16384, 512, 100, Tesla, the second
            0, GPU-5a0c8f1e-0000-1111-2222-333344445555, 40536, 1024, 7, NVIDIA A100-SXM4-40GB

            """)
        #expect(
            report.gpus == [
                GPU(
                    index: 0, uuid: "GPU-5a0c8f1e-0000-1111-2222-333344445555", name: "NVIDIA A100-SXM4-40GB",
                    memory: .mebibytes(40536)),
                GPU(
                    index: 1, uuid: "GPU-77b1aaaa-0000-1111-2222-333344445555", name: "Tesla, the second",
                    memory: .mebibytes(16384)),
            ])
        #expect(
            report.metrics == [
                GPUMetrics(
                    index: 0, uuid: "GPU-5a0c8f1e-0000-1111-2222-333344445555", name: "NVIDIA A100-SXM4-40GB",
                    busy: 0.07, memoryUsed: .gibibytes(1), memoryTotal: .mebibytes(40536)),
                GPUMetrics(
                    index: 1, uuid: "GPU-77b1aaaa-0000-1111-2222-333344445555", name: "Tesla, the second",
                    busy: 1, memoryUsed: .mebibytes(512), memoryTotal: .mebibytes(16384)),
            ])
        #expect(report.faults == 0)
    }

    @Test(arguments: ["[N/A]", "-1", "101", "1e2", "", "[Unknown Error]"])
    func `a share that is none is not told`(share: String) {
        let report = report("0, GPU-abcd, 10, [N/A], \(share), a\n")
        #expect(report.metrics.map(\.busy) == [nil])
        #expect(report.metrics.map(\.memoryUsed) == [ByteCount(0)])
        #expect(report.faults == 0)
    }

    @Test(arguments: [
        "", "0", "No devices were found", "-1, GPU-1234, 1, 1, 1, a", "0, GPU-12;rm, 1, 1, 1, a",
        "0, MIG, 1, 1, 1, a", "0, GPU-1234, 1, a", "0, [GPU is lost], [GPU is lost], 1, 1, a",
        "x, GPU-1, 1, 1, 1, a",
        "0, GPU-\u{e9}1234, 1, 1, 1, a", "99999999999999999999, GPU-1234, 1, 1, 1, a",
        "0, GPU-1234\u{0}, 1, 1, 1, a",
    ])
    func `what does not look like one is left out`(line: String) {
        let report = report("\(line)\n7, GPU-abcd, [N/A], 1, 1, ok\u{1b}[31m\n")
        #expect(report.gpus == [GPU(index: 7, uuid: "GPU-abcd", name: "ok[31m", memory: ByteCount(0))])
        #expect(report.faults == (line.isEmpty ? 0 : 1))
    }

    @Test func `the same twice is one, and no more are counted than a machine can have`() {
        #expect(
            report("0, GPU-aaaa, 1, 1, 1, a\n0, GPU-bbbb, 1, 1, 1, a\n1, GPU-aaaa, 1, 1, 1, a\n").gpus.count
                == 1)
        let many = (0..<1000).map { "\($0), GPU-\($0 + 1000), 1, 1, 1, a" }.joined(separator: "\n")
        #expect(report(many).gpus.count == GPUReport.limit)
    }

    @Test func `bytes that are no text do no harm`() {
        for seed in 0..<200 {
            let bytes = (0..<300).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ seed &* 17) ^ ($0 >> 2)) }
            _ = GPUReport(parsing: bytes)
        }
    }
}
