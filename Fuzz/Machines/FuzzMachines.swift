import ClusterModel
import Core

@testable import Machines

/// Feeds bytes to what reads the answers of `nvidia-smi` and the files of the kernel: what is made of them is never more than there can
/// be, whatever they say.
///
/// The first byte chooses what is read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMachines(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    if choice % 2 == 0 { gpus(bytes) } else { kernel(String(decoding: bytes, as: UTF8.self)) }
    return 0
}

private func gpus(_ bytes: [UInt8]) {
    let report = GPUReport(parsing: bytes)
    precondition(report.gpus.count <= 64 && report.gpus.count == report.metrics.count)
    precondition(Set(report.gpus.map(\.uuid)).count == report.gpus.count, "a GPU is there twice")
    for (gpu, now) in zip(report.gpus, report.metrics) {
        precondition(gpu.index == now.index && gpu.uuid == now.uuid)
        // It becomes part of an environment, and of pages and terminals.
        precondition(gpu.uuid.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ",") })
        precondition(gpu.name.utf8.allSatisfy { $0 >= 32 && $0 < 127 } && gpu.name.utf8.count <= 100)
        precondition(gpu.memory.bytes >= 0 && now.memoryUsed.bytes >= 0)
        if let busy = now.busy { precondition((0...1).contains(busy)) }
    }
    // What is believed of it, whatever comes in which order.
    var sightings = GPUSightings()
    _ = sightings.take(.success(report))
    precondition(sightings.gpus == report.gpus)
    _ = sightings.take(.failure(GPUFailure("none")))
    precondition(sightings.gpus == report.gpus && sightings.metrics.isEmpty)
}

private func kernel(_ text: String) {
    let parts = text.split(separator: "\u{0}", maxSplits: 2, omittingEmptySubsequences: false).map(
        String.init)
    guard parts.count == 3,
        let reading = MachineReading(stat: parts[0], loadavg: parts[1], meminfo: parts[2])
    else { return }
    precondition(reading.processors >= 1 && reading.load.count <= 3)
    precondition(reading.load.allSatisfy { $0.isFinite && $0 >= 0 })
    precondition(0...reading.memoryTotal ~= reading.memoryAvailable)
}
