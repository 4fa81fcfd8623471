public import Core

// What cannot be of a machine, as it tells of itself: amounts are added, compared, stored and shown, whoever told them.
extension Node {
    private static let mostText = 4096

    /// What about it cannot be, in words; nil where all can. What the manager alone says of it is not looked at.
    public var fault: String? {
        if let fault = capacity.fault { return "its capacity cannot be: \(fault)" }
        let texts = [architecture, operatingSystem, version, address ?? ""] + runtimes.map(\.detail)
        if texts.contains(where: { $0.utf8.count > Self.mostText }) {
            return "a text has more than \(Self.mostText) bytes"
        }
        if labels.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) > 1 << 16 {
            return "its labels have more than 64 KiB"
        }
        if !Timestamp.writable.contains(registeredAt) { return "it was registered at no time" }
        if Set(runtimes.map(\.kind)).count < runtimes.count { return "a runtime is named twice" }
        if let fault = gpus.flatMap(GPU.fault) { return fault }
        return metrics.flatMap(\.fault)
    }
}

extension Capacity {
    /// More than any machine has, and little enough that all machines together do not overflow a sum.
    private static let (mostCPU, mostBytes, mostTasks) = (Int64(1_000_000_000), Int64(1) << 48, 1_000_000)

    var fault: String? {
        if !(0...Self.mostCPU).contains(cpuMillis) { return "\(cpuMillis) thousandths of a processor" }
        for amount in [memory, disk] where !(0...Self.mostBytes).contains(amount.bytes) {
            return "\(amount.bytes) bytes"
        }
        if !(0...GPU.most).contains(gpus) { return "\(gpus) GPUs" }
        return (0...Self.mostTasks).contains(tasks) ? nil : "\(tasks) tasks"
    }
}

extension GPU {
    /// The most of one machine.
    static let most = 256

    /// What cannot be of the GPUs of one machine; nil where all can.
    public static func fault(_ gpus: [GPU]) -> String? {
        if gpus.count > most || !gpus.allSatisfy({ $0.index >= 0 && $0.memory.bytes >= 0 }) {
            return "a GPU is none"
        }
        if Set(gpus.map(\.index)).count < gpus.count || Set(gpus.map(\.uuid)).count < gpus.count {
            return "a GPU is there twice"
        }
        return nil
    }
}

extension NodeMetrics {
    /// What is not as the schema says; nil where all is.
    public var fault: String? {
        let shares = [cpuBusy] + gpus.compactMap(\.busy)
        if !shares.allSatisfy({ (0...1).contains($0) }) { return "a share is not between 0 and 1" }
        if load.count > 3 || !load.allSatisfy({ $0.isFinite && $0 >= 0 }) { return "a load is none" }
        let amounts =
            [memoryUsed, memoryTotal, diskUsed, diskTotal] + gpus.flatMap { [$0.memoryUsed, $0.memoryTotal] }
        if !amounts.allSatisfy({ $0.bytes >= 0 }) || tasks < 0 { return "an amount is negative" }
        if gpus.count > GPU.most || !gpus.allSatisfy({ $0.index >= 0 }) { return "a GPU is none" }
        return Timestamp.writable.contains(takenAt) ? nil : "it was taken at no time"
    }
}

extension Timestamp {
    /// Those that read the same when they were written: of the years 1970 to 9999.
    public static let writable =
        Timestamp(microseconds: 0)..<Timestamp(microseconds: 253_402_300_800_000_000)
}
