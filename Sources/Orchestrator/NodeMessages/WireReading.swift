public import ClusterModel
public import Core
import Documents
public import RPCModel
public import TaskRuntimes

/// Reads what messages hold as text or JSON. What cannot be read is the sender's fault, and says which field it is.
enum WireReading {
    static func id<Kind>(_ text: String, _ field: String) throws(RPCError) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(parsing: text) else { throw fault(field, "is no identifier") }
        return id
    }

    static func runtime(_ text: String, _ field: String) throws(RPCError) -> RuntimeKind {
        guard let kind = RuntimeKind(rawValue: text) else {
            throw fault(field, "names a runtime of another version: '\(text.prefix(40))'")
        }
        return kind
    }

    static func json<Value: Decodable>(_ bytes: [UInt8], _ field: String) throws(RPCError) -> Value {
        do {
            return try JSONReader.decode(from: bytes)
        } catch {
            throw fault(field, "cannot be read: \(error)")
        }
    }

    /// A time of a clock that may be wrong, but tells a time: of the years up to 9999.
    static func time(_ microseconds: Int64, _ field: String) throws(RPCError) -> Timestamp {
        let time = Timestamp(microseconds: microseconds)
        return try checked(time, field, Timestamp.writable.contains(time) ? nil : "it is no time")
    }

    /// At most a hundred years.
    static func duration(milliseconds: Int64, _ field: String) throws(RPCError) -> Duration {
        guard (0...3_200_000_000_000).contains(milliseconds) else { throw fault(field, "is no duration") }
        return .milliseconds(milliseconds)
    }

    /// `value`, unless there is something about it that cannot be.
    static func checked<Value>(
        _ value: Value, _ field: String, _ problem: String?
    ) throws(RPCError) -> Value {
        if let problem { throw fault(field, "cannot be: \(problem)") }
        return value
    }

    static func metrics(_ json: [UInt8]?) throws(RPCError) -> NodeMetrics? {
        guard let json else { return nil }
        let metrics: NodeMetrics = try Self.json(json, "metrics_json")
        return try checked(metrics, "metrics_json", metrics.fault)
    }

    static func node(_ json: [UInt8]) throws(RPCError) -> Node {
        let node: Node = try Self.json(json, "node_json")
        return try checked(node, "node_json", node.fault)
    }

    static func fault(_ field: String, _ message: String) -> RPCError {
        RPCError(
            .invalidArgument, "\(field) \(message)", hint: "manager and worker may be of different versions",
            fields: [FieldError(path: field, message: message)])
    }

    /// JSON of what is made of strings, integers and finite numbers alone.
    static func bytes(_ value: some Encodable) -> [UInt8] {
        do {
            return try JSONWriter.bytes(encoding: value)
        } catch {
            preconditionFailure("\(type(of: value)) does not encode: \(error)")
        }
    }
}

extension Description {
    public init(_ node: Node) { self.init(nodeJSON: WireReading.bytes(node)) }

    public func node() throws(RPCError) -> Node { try WireReading.node(nodeJSON) }
}

extension Measurement {
    public init(_ metrics: NodeMetrics?) { self.init(metricsJSON: metrics.map(WireReading.bytes)) }

    public func metrics() throws(RPCError) -> NodeMetrics? { try WireReading.metrics(metricsJSON) }
}

extension Registration {
    public init(_ node: Node, incarnation: UInt64, host: String, port: UInt16, time: Timestamp) {
        var described = node
        described.metrics = nil
        self.init(
            node: node.id.text, incarnation: incarnation, host: host, port: UInt32(port),
            nodeJSON: WireReading.bytes(described), time: time.microseconds,
            metricsJSON: node.metrics.map(WireReading.bytes))
    }

    /// What the machine is busy with; nil where it does not say.
    public func metrics() throws(RPCError) -> NodeMetrics? { try WireReading.metrics(metricsJSON) }

    /// What the worker's clock says.
    public func clock() throws(RPCError) -> Timestamp { try WireReading.time(time, "time") }

    /// What the machine says it is, under the identifier that it registers.
    public func described() throws(RPCError) -> Node {
        var described = try WireReading.node(nodeJSON)
        described.id = try WireReading.id(node, "node")
        return described
    }
}

extension LeaseGrant {
    /// How long the registration holds.
    public func lease() throws(RPCError) -> Duration {
        try WireReading.duration(milliseconds: leaseMs, "lease_ms")
    }
}

extension Hello {
    /// How long the lease is that the session is held under.
    public func lease() throws(RPCError) -> Duration {
        try WireReading.duration(milliseconds: leaseMs, "lease_ms")
    }
}

extension SecretsRequest {
    public init(_ references: [SecretReference], for recipient: SecretRecipient) {
        self.init(
            project: recipient.project, referenceJSON: references.map(WireReading.bytes),
            attempt: recipient.attempt.text)
    }

    public func references() throws(RPCError) -> [SecretReference] {
        var all: [SecretReference] = []
        for bytes in referenceJSON { all.append(try WireReading.json(bytes, "reference_json")) }
        return all
    }
}
