public import Buses
public import ClusterModel
public import Core
import Documents

/// What a machine answers that is asked on a bus what it is busy with. The question, on ``subject(of:)``, is empty.
public struct MetricsAnswer: Hashable, Sendable, Codable {
    /// The longest there is: a few hundred bytes, and some for each of many GPUs.
    public static let maximumBytes = 256 << 10

    public var metrics: NodeMetrics?
    /// Why there are none.
    public var problem: String?

    public init(metrics: NodeMetrics? = nil, problem: String? = nil) {
        self.metrics = metrics
        self.problem = problem
    }

    /// Where a node is asked: `machines.<node>.metrics`.
    public static func subject(of node: NodeID) -> Subject {
        guard let subject = Subject(["machines", node.text, "metrics"]) else {
            preconditionFailure("an identifier is no word of a subject")
        }
        return subject
    }

    /// Reads an answer, from whoever it may be: throws ``ApolloError`` of kind `corrupt` for what is none, or holds what cannot be.
    public init(parsing bytes: [UInt8]) throws(ApolloError) {
        guard bytes.count <= Self.maximumBytes else {
            throw ApolloError(
                .corrupt, "the answer has \(bytes.count) bytes, and may have \(Self.maximumBytes)")
        }
        do {
            self = try JSONReader.decode(from: bytes)
        } catch {
            throw ApolloError(.corrupt, "the answer cannot be read: \(error)")
        }
        if let fault = metrics?.fault { throw ApolloError(.corrupt, "the answer cannot be: \(fault)") }
        problem = problem.map { String($0.prefix(1000)) }
    }

    /// As it is sent.
    public var bytes: [UInt8] {
        do {
            return try JSONWriter.bytes(encoding: self)
        } catch {
            // Strings, integers and finite numbers only.
            preconditionFailure("an answer does not encode: \(error)")
        }
    }
}
