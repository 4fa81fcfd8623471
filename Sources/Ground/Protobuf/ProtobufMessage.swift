/// A message of protocol buffers. Types that conform are generated from `.proto` files: docs/design/protobuf.md.
///
/// What is read and not known is kept in ``unknownFields`` and written again, so that a message passes unharmed through a program
/// that is older than its sender.
public protocol ProtobufMessage: Hashable, Sendable {
    /// The name that the `.proto` file gives it, with the package: `google.protobuf.Timestamp`.
    static var protobufName: String { get }

    /// The fields that the reader of these bytes does not know, as they came.
    var unknownFields: ProtobufUnknownFields { get set }

    /// A message with every field at its default.
    init()

    /// Reads fields until the message ends: single values replace, messages merge, lists grow.
    mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError)

    /// Writes every field that is set, the last one first: see ``ProtobufWriter``.
    func write(to writer: inout ProtobufWriter)
}

extension ProtobufMessage {
    /// Reads a message from the whole of `bytes`.
    public init(
        protobuf bytes: some Collection<UInt8>, limits: ProtobufLimits = ProtobufLimits()
    ) throws(ProtobufError) {
        self.init()
        try merge(protobuf: bytes, limits: limits)
    }

    /// Reads the whole of `bytes` into this message. Where that fails, the message holds what came before the fault.
    public mutating func merge(
        protobuf bytes: some Collection<UInt8>, limits: ProtobufLimits = ProtobufLimits()
    ) throws(ProtobufError) {
        var failure: ProtobufError?
        let isContiguous: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            failure = merge(UnsafeRawBufferPointer(buffer), limits)
        }
        if isContiguous == nil {
            Array(bytes).withUnsafeBytes { buffer in failure = merge(buffer, limits) }
        }
        if let failure { throw failure }
    }

    private mutating func merge(_ buffer: UnsafeRawBufferPointer, _ limits: ProtobufLimits) -> ProtobufError?
    {
        var reader = ProtobufReader(buffer, depth: limits.depth)
        do throws(ProtobufError) {
            guard buffer.count <= limits.bytes else {
                throw ProtobufError(.tooLarge(limit: limits.bytes), offset: 0, field: nil)
            }
            try merge(from: &reader)
            return nil
        } catch {
            return error
        }
    }

    /// The message as bytes: fields by their numbers, maps by their keys, then what is unknown. The same message always gives the
    /// same bytes.
    public func protobufBytes() -> [UInt8] {
        var writer = ProtobufWriter()
        write(to: &writer)
        return writer.bytes
    }
}
