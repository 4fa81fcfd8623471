import Core

/// In JSON processors are cores, `"cpu": 0.5`, as people count them.
extension Resources: Codable {
    private enum CodingKeys: String, CodingKey { case cpu, memory, disk, gpus, processes }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let cores = try container.decodeIfPresent(Double.self, forKey: .cpu)
        // More is no number of thousandths that could be told from the next one.
        if let cores, abs(cores) > 1e9 {
            throw DecodingError.dataCorruptedError(
                forKey: .cpu, in: container, debugDescription: "\(cores) cores are more than any machine has")
        }
        self.init(
            cpuMillis: cores.map { Int64(($0 * 1000).rounded()) },
            memory: try container.decodeIfPresent(ByteCount.self, forKey: .memory),
            disk: try container.decodeIfPresent(ByteCount.self, forKey: .disk),
            gpus: try container.decodeIfPresent(Int.self, forKey: .gpus),
            processes: try container.decodeIfPresent(Int64.self, forKey: .processes))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(cpuMillis.map { Double($0) / 1000 }, forKey: .cpu)
        try container.encodeIfPresent(memory, forKey: .memory)
        try container.encodeIfPresent(disk, forKey: .disk)
        try container.encodeIfPresent(gpus, forKey: .gpus)
        try container.encodeIfPresent(processes, forKey: .processes)
    }
}
