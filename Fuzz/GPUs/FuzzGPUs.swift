import ClusterModel
import Core
import Workers

/// Feeds bytes to the reader of what nvidia-smi writes. Whatever they are, what is told to tasks and people is of the form that it should
/// be, and no two GPUs are one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGPUs(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let report = GPUReport(parsing: Array(UnsafeBufferPointer(start: start, count: count)))
    precondition(report.gpus.count <= 64, "more GPUs than are counted")
    precondition(Set(report.gpus.map(\.uuid)).count == report.gpus.count, "one identifier for two")
    precondition(Set(report.gpus.map(\.index)).count == report.gpus.count, "one number for two")
    for gpu in report.gpus {
        precondition((0..<1024).contains(gpu.index) && gpu.memory.bytes >= 0)
        let isPlain = gpu.uuid.utf8.allSatisfy {
            switch $0 {
            case 0x2D, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
        precondition(isPlain && (4...80).contains(gpu.uuid.utf8.count), "'\(gpu.uuid)' is no identifier")
        precondition(gpu.name.utf8.allSatisfy { (32..<127).contains($0) } && gpu.name.utf8.count <= 100)
    }
    return 0
}
