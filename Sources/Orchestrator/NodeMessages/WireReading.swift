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

    public func node() throws(RPCError) -> Node { try WireReading.json(nodeJSON, "node_json") }
}

extension Measurement {
    public init(_ metrics: NodeMetrics?) { self.init(metricsJSON: metrics.map(WireReading.bytes)) }

    public func metrics() throws(RPCError) -> NodeMetrics? {
        guard let metricsJSON else { return nil }
        let metrics: NodeMetrics = try WireReading.json(metricsJSON, "metrics_json")
        return metrics
    }
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
    public func metrics() throws(RPCError) -> NodeMetrics? {
        guard let metricsJSON else { return nil }
        let metrics: NodeMetrics = try WireReading.json(metricsJSON, "metrics_json")
        return metrics
    }

    /// What the machine says it is, under the identifier that it registers.
    public func described() throws(RPCError) -> Node {
        var described: Node = try WireReading.json(nodeJSON, "node_json")
        described.id = try WireReading.id(node, "node")
        return described
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
