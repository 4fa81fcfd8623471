public import Protobuf
public import RPCModel

/// A message of a session, of which several can travel as one: a call over the network and the wakes of threads at both ends take
/// longer than what most of them say.
public protocol SessionMessage: ProtobufMessage {
    init(batch: Batch)
    /// The messages that travel in it; nil where it is one itself.
    var batch: Batch? { get }
}

/// What an end of a session says that it can do, in its hello or its welcome.
public enum SessionCapability {
    /// It reads messages that travel together. An end that does not say so is of a version before, and gets them one by one.
    public static let batches = "batches"
}

extension Order: SessionMessage {
    public init(batch: Batch) { self.init(kind: .batch(batch)) }

    public var batch: Batch? { if case .batch(let batch)? = kind { batch } else { nil } }
}

extension Report: SessionMessage {
    public init(batch: Batch) { self.init(kind: .batch(batch)) }

    public var batch: Batch? { if case .batch(let batch)? = kind { batch } else { nil } }
}

extension SessionMessage {
    /// The same messages in the same order, as few as carry them: at most 256 in one, and none of many that is larger than a
    /// sixteenth of what a call takes. Where the other end does not read batches, what was given.
    public static func together(_ messages: [Self], for capabilities: [String]) -> [Self] {
        guard messages.count > 1, capabilities.contains(SessionCapability.batches) else { return messages }
        var packed: [Self] = []
        var batch = Batch()
        var bytes = 0
        func close() {
            if !batch.message.isEmpty { packed.append(Self(batch: batch)) }
            (batch, bytes) = (Batch(), 0)
        }
        for message in messages {
            let encoded = message.protobufBytes()
            if batch.message.count == 256 || bytes + encoded.count > 256 << 10 { close() }
            batch.message.append(encoded)
            bytes += encoded.count
        }
        close()
        return packed
    }

    /// The messages that travel in it, or itself. A batch in a batch is refused: nothing may have a reader call itself at will.
    public func apart() throws(RPCError) -> [Self] {
        guard let batch else { return [self] }
        var all: [Self] = []
        all.reserveCapacity(batch.message.count)
        for bytes in batch.message {
            let message: Self
            do throws(ProtobufError) {
                message = try Self(protobuf: bytes)
            } catch {
                throw WireReading.fault("batch.message", "cannot be read: \(error)")
            }
            guard message.batch == nil else { throw WireReading.fault("batch.message", "is a batch itself") }
            all.append(message)
        }
        return all
    }
}
