import ClusterModel
import Core
import Testing

@testable import Machines

@Suite("GPUs, look after look")
struct GPUSightingsTests {
    private static let two = "0, GPU-aaaa, 100, 10, 5, a\n1, GPU-bbbb, 100, 20, [N/A], a\n"
    private static let failure = GPUFailure("nvidia-smi failed with exit code 9")

    private func report(_ text: String) -> Result<GPUReport, GPUFailure> {
        .success(GPUReport(parsing: Array(text.utf8)))
    }

    private func seen(_ text: String = two) -> GPUSightings {
        var sightings = GPUSightings()
        #expect(sightings.take(report(text)) == GPUSightings.Outcome(hasChanged: true))
        return sightings
    }

    @Test func `what the first look finds is there, and what it is busy with`() {
        let sightings = seen()
        #expect(sightings.gpus.map(\.uuid) == ["GPU-aaaa", "GPU-bbbb"])
        #expect(sightings.metrics.map(\.busy) == [0.05, nil])
        #expect(sightings.metrics.map(\.memoryUsed) == [.mebibytes(10), .mebibytes(20)])
    }

    @Test func `one that vanishes and one that comes are told once`() {
        var sightings = seen()
        let outcome = sightings.take(report("1, GPU-bbbb, 100, 20, 0, a\n2, GPU-cccc, 100, 20, 0, a\n"))
        #expect(outcome.hasChanged)
        #expect(
            outcome.note
                == "GPU 0 (GPU-aaaa) of this machine: not there any more; GPU 2 (GPU-cccc) of this machine: there now"
        )
        #expect(sightings.gpus.map(\.index) == [1, 2])
        #expect(
            sightings.take(report("1, GPU-bbbb, 100, 30, 9, a\n2, GPU-cccc, 100, 20, 0, a\n"))
                == GPUSightings.Outcome(hasChanged: false))
        #expect(sightings.metrics.first?.busy == 0.09)
    }

    @Test func `a look without an answer is no word of a GPU, and three are`() {
        var sightings = seen()
        for _ in 1..<GPUSightings.patience {
            #expect(sightings.take(.failure(Self.failure)) == GPUSightings.Outcome(hasChanged: false))
            #expect(sightings.gpus.count == 2)
            #expect(sightings.metrics.isEmpty)
        }
        let over = sightings.take(.failure(Self.failure))
        #expect(over.hasChanged)
        #expect(over.note?.contains("exit code 9") == true)
        #expect(sightings.gpus.isEmpty)
        #expect(sightings.take(.failure(Self.failure)) == GPUSightings.Outcome(hasChanged: false))
        #expect(sightings.take(report(Self.two)).hasChanged)
    }

    @Test func `an answer between failures begins their count anew`() {
        var sightings = seen()
        for _ in 0..<10 {
            _ = sightings.take(.failure(Self.failure))
            _ = sightings.take(.failure(Self.failure))
            #expect(!sightings.take(report(Self.two)).hasChanged)
        }
    }

    @Test func `a first look without an answer says so at once`() {
        var sightings = GPUSightings()
        let outcome = sightings.take(.failure(Self.failure))
        #expect(!outcome.hasChanged)
        #expect(outcome.note == "the GPUs of this machine are not used: nvidia-smi failed with exit code 9")
    }

    @Test func `lines that say nothing are told once, and again when there are others`() {
        var sightings = seen()
        #expect(sightings.take(report(Self.two + "x\n")).note?.contains("1 lines") == true)
        #expect(sightings.take(report(Self.two + "x\n")).note == nil)
        #expect(sightings.take(report(Self.two)).note == nil)
        #expect(sightings.take(report(Self.two + "x\n")).note != nil)
    }
}
