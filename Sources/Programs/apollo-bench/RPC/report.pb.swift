// Made by protoc-gen-apollo of RPC/report.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf

/// `apollo.bench.Report`.
public struct Report: ProtobufMessage {
    public static var protobufName: String { "apollo.bench.Report" }

    public var node: String = ""
    public var time: Int64 = 0
    public var tasks: [TaskReport] = []
    public var labels: [String: String] = [:]
    public var load: [Double] = []
    public var token: [UInt8] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        node: String = "", time: Int64 = 0, tasks: [TaskReport] = [], labels: [String: String] = [:],
        load: [Double] = [], token: [UInt8] = []
    ) {
        self.node = node
        self.time = time
        self.tasks = tasks
        self.labels = labels
        self.load = load
        self.token = token
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.node = try reader.string()
            case 16: self.time = try reader.int64()
            case 26: try reader.message(appendingTo: &self.tasks)
            case 34:
                let enclosure = try reader.enter()
                var (key, value): (String, String) = ("", "")
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 10: key = try reader.string()
                    case 18: value = try reader.string()
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.labels[key] = value
            case 41: self.load.append(try reader.double())
            case 42: try reader.packedDouble(into: &self.load)
            case 50: self.token = try reader.bytes()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.token.isEmpty { writer.bytes(6, self.token) }
        writer.packedDouble(5, self.load)
        writer.map(4, self.labels) {
            $0.string(2, $2)
            $0.string(1, $1)
        }
        writer.messages(3, self.tasks)
        if self.time != 0 { writer.int64(2, self.time) }
        if !self.node.isEmpty { writer.string(1, self.node) }
    }
}

/// `apollo.bench.TaskReport`.
public struct TaskReport: ProtobufMessage {
    public static var protobufName: String { "apollo.bench.TaskReport" }

    public var id: String = ""
    public var name: String = ""
    public var phase: Phase = Phase()
    public var exitCode: Int32 = 0
    public var cpu: Double = 0
    public var memory: UInt64 = 0
    public var epoch: UInt64 = 0
    public var samples: [Int64] = []
    public var usage: Usage?
    public var reason: String = ""
    public var isHealthy: Bool = false
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        id: String = "", name: String = "", phase: Phase = Phase(), exitCode: Int32 = 0, cpu: Double = 0,
        memory: UInt64 = 0, epoch: UInt64 = 0, samples: [Int64] = [], usage: Usage? = nil,
        reason: String = "", isHealthy: Bool = false
    ) {
        self.id = id
        self.name = name
        self.phase = phase
        self.exitCode = exitCode
        self.cpu = cpu
        self.memory = memory
        self.epoch = epoch
        self.samples = samples
        self.usage = usage
        self.reason = reason
        self.isHealthy = isHealthy
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.id = try reader.string()
            case 18: self.name = try reader.string()
            case 24: self.phase = try reader.enumeration()
            case 32: self.exitCode = try reader.int32()
            case 41: self.cpu = try reader.double()
            case 48: self.memory = try reader.uint64()
            case 57: self.epoch = try reader.fixed64()
            case 64: self.samples.append(try reader.int64())
            case 66: try reader.packedInt64(into: &self.samples)
            case 74: try reader.message(into: &self.usage)
            case 82: self.reason = try reader.string()
            case 88: self.isHealthy = try reader.bool()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.isHealthy { writer.bool(11, self.isHealthy) }
        if !self.reason.isEmpty { writer.string(10, self.reason) }
        if let value = self.usage { writer.message(9, value) }
        writer.packedInt64(8, self.samples)
        if self.epoch != 0 { writer.fixed64(7, self.epoch) }
        if self.memory != 0 { writer.uint64(6, self.memory) }
        if self.cpu.bitPattern != 0 { writer.double(5, self.cpu) }
        if self.exitCode != 0 { writer.int32(4, self.exitCode) }
        if self.phase.rawValue != 0 { writer.enumeration(3, self.phase) }
        if !self.name.isEmpty { writer.string(2, self.name) }
        if !self.id.isEmpty { writer.string(1, self.id) }
    }
}

/// `apollo.bench.Usage`.
public struct Usage: ProtobufMessage {
    public static var protobufName: String { "apollo.bench.Usage" }

    public var read: UInt64 = 0
    public var written: UInt64 = 0
    public var drift: Int32 = 0
    public var share: Float = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(read: UInt64 = 0, written: UInt64 = 0, drift: Int32 = 0, share: Float = 0) {
        self.read = read
        self.written = written
        self.drift = drift
        self.share = share
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.read = try reader.uint64()
            case 16: self.written = try reader.uint64()
            case 24: self.drift = try reader.sint32()
            case 37: self.share = try reader.float()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.share.bitPattern != 0 { writer.float(4, self.share) }
        if self.drift != 0 { writer.sint32(3, self.drift) }
        if self.written != 0 { writer.uint64(2, self.written) }
        if self.read != 0 { writer.uint64(1, self.read) }
    }
}

/// `apollo.bench.Phase`.
public struct Phase: ProtobufEnumeration {
    public static let unspecified = Phase(rawValue: 0)
    public static let pending = Phase(rawValue: 1)
    public static let running = Phase(rawValue: 2)
    public static let completed = Phase(rawValue: 3)

    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let protobufNames: [Int32: String] = [
        0: "PHASE_UNSPECIFIED",
        1: "PHASE_PENDING",
        2: "PHASE_RUNNING",
        3: "PHASE_COMPLETED",
    ]
}

extension ProtobufFile {
    /// `RPC/report.proto`.
    public static let rpcReport = ProtobufFile(
        name: "RPC/report.proto",
        dependencies: [],
        symbols: [
            "apollo.bench.Phase",
            "apollo.bench.Report",
            "apollo.bench.TaskReport",
            "apollo.bench.Usage",
        ],
        descriptor: """
            ChBSUEMvcmVwb3J0LnByb3RvEgxhcG9sbG8uYmVuY2gi/wEKBlJlcG9ydBISCgRub2RlGAEgASgJUgRub2RlEhIKBHRpbWUY
            AiABKANSBHRpbWUSLgoFdGFza3MYAyADKAsyGC5hcG9sbG8uYmVuY2guVGFza1JlcG9ydFIFdGFza3MSOAoGbGFiZWxzGAQg
            AygLMiAuYXBvbGxvLmJlbmNoLlJlcG9ydC5MYWJlbHNFbnRyeVIGbGFiZWxzEhIKBGxvYWQYBSADKAFSBGxvYWQSFAoFdG9r
            ZW4YBiABKAxSBXRva2VuGjkKC0xhYmVsc0VudHJ5EhAKA2tleRgBIAEoCVIDa2V5EhQKBXZhbHVlGAIgASgJUgV2YWx1ZToC
            OAEitAIKClRhc2tSZXBvcnQSDgoCaWQYASABKAlSAmlkEhIKBG5hbWUYAiABKAlSBG5hbWUSKQoFcGhhc2UYAyABKA4yEy5h
            cG9sbG8uYmVuY2guUGhhc2VSBXBoYXNlEhsKCWV4aXRfY29kZRgEIAEoBVIIZXhpdENvZGUSEAoDY3B1GAUgASgBUgNjcHUS
            FgoGbWVtb3J5GAYgASgEUgZtZW1vcnkSFAoFZXBvY2gYByABKAZSBWVwb2NoEhgKB3NhbXBsZXMYCCADKANSB3NhbXBsZXMS
            KQoFdXNhZ2UYCSABKAsyEy5hcG9sbG8uYmVuY2guVXNhZ2VSBXVzYWdlEhYKBnJlYXNvbhgKIAEoCVIGcmVhc29uEh0KCmlz
            X2hlYWx0aHkYCyABKAhSCWlzSGVhbHRoeSJhCgVVc2FnZRISCgRyZWFkGAEgASgEUgRyZWFkEhgKB3dyaXR0ZW4YAiABKARS
            B3dyaXR0ZW4SFAoFZHJpZnQYAyABKBFSBWRyaWZ0EhQKBXNoYXJlGAQgASgCUgVzaGFyZSpXCgVQaGFzZRITChFQSEFTRV9V
            TlNQRUNJRklFRBIRCg1QSEFTRV9QRU5ESU5HEAESEQoNUEhBU0VfUlVOTklORxACEhMKD1BIQVNFX0NPTVBMRVRFRBADYgZw
            cm90bzM
            """)
}
