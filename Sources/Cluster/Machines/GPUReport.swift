public import ClusterModel
import Core

/// What `nvidia-smi` says of a machine's GPUs. It is the driver's word, or that of whatever stands in its place on `PATH`: what does
/// not look like it is left out.
public struct GPUReport: Hashable, Sendable {
    /// The GPUs, by their numbers.
    public var gpus: [GPU] = []
    /// What each of them is busy with, in the same order.
    public var metrics: [GPUMetrics] = []
    /// Lines that say nothing of a GPU.
    public var faults = 0

    /// The question whose answer this is.
    static let command = [
        "nvidia-smi", "--query-gpu=index,uuid,memory.total,memory.used,utilization.gpu,name",
        "--format=csv,noheader,nounits",
    ]
    /// More are not counted.
    static let limit = 64

    public init() {}

    /// Reads a line `0, GPU-5a0c8f1e-…, 40536, 1024, 35, NVIDIA A100-SXM4-40GB` for each GPU: memory in MiB, in all and in use, and
    /// the percentage of the time that something ran on it.
    public init(parsing output: [UInt8]) {
        let text = String(decoding: output, as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline) where line.contains(where: { !$0.isWhitespace }) {
            guard gpus.count < Self.limit, let (gpu, busy) = Self.gpu(line),
                !gpus.contains(where: { $0.index == gpu.index || $0.uuid == gpu.uuid })
            else {
                faults += 1
                continue
            }
            gpus.append(gpu)
            metrics.append(busy)
        }
        gpus.sort { $0.index < $1.index }
        metrics.sort { $0.index < $1.index }
    }

    private static func gpu(_ line: Substring) -> (GPU, GPUMetrics)? {
        // The name is the last: it may hold commas.
        let fields = line.split(separator: ",", maxSplits: 5, omittingEmptySubsequences: false).map(trim)
        guard fields.count == 6, let index = Int(fields[0]), (0..<1024).contains(index) else { return nil }
        // It becomes part of an environment: nothing but what identifiers are made of.
        let uuid = fields[1]
        guard (4...80).contains(uuid.utf8.count), uuid.hasPrefix("GPU-"),
            uuid.utf8.allSatisfy({ UInt8(ascii: "-") == $0 || isAlphanumeric($0) })
        else { return nil }
        // Some devices do not tell: [N/A].
        let (memory, used) = (mebibytes(fields[2]) ?? ByteCount(0), mebibytes(fields[3]) ?? ByteCount(0))
        let busy = Int(fields[4]).flatMap { (0...100).contains($0) ? Double($0) / 100 : nil }
        let name = String(
            String.UnicodeScalarView(
                fields[5].unicodeScalars.filter { $0.isASCII && $0.value >= 32 && $0.value < 127 }
                    .prefix(100)))
        return (
            GPU(index: index, uuid: String(uuid), name: name, memory: memory),
            GPUMetrics(
                index: index, uuid: String(uuid), name: name, busy: busy, memoryUsed: used,
                memoryTotal: memory)
        )
    }

    private static func mebibytes(_ field: Substring) -> ByteCount? {
        Int64(field).flatMap { (0...(1 << 30)).contains($0) ? ByteCount($0 << 20) : nil }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    private static func trim(_ field: Substring) -> Substring {
        var field = field.drop { $0.isWhitespace }
        while field.last?.isWhitespace == true { field.removeLast() }
        return field
    }
}
