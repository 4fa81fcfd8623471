import CGRPC
import RPCModel

/// A call that a client makes.
final class ClientCall: Sendable {
    private let handle: CallHandle
    /// Kept while the call runs: a channel may be replaced meanwhile.
    private let channel: ChannelHandle

    init(_ pointer: OpaquePointer, of channel: ChannelHandle) {
        handle = CallHandle(pointer)
        self.channel = channel
    }

    var pointer: OpaquePointer { handle.pointer }

    func cancel() { cgrpc_call_cancel(pointer) }

    func cancel(_ code: RPCCode, _ message: String) {
        cgrpc_call_cancel_with(pointer, Int32(code.rawValue), message)
    }

    func takeMessage() -> [UInt8]? { handle.takeMessage() }

    /// How the call failed, once its status is there; nil where it did not.
    var failure: RPCError? {
        let number = cgrpc_call_code(pointer)
        guard number != 0 else { return nil }
        var details: [UInt8] = []
        let metadata = RPCMetadata(cgrpc_call_trailing_metadata(pointer), details: &details)
        return RPCError(
            code: RPCCode(rawValue: Int(number)) ?? .unknown, message: cgrpc_call_text(pointer).text,
            details: details,
            metadata: metadata)
    }

    var headMetadata: RPCMetadata { RPCMetadata(cgrpc_call_head_metadata(pointer)) }
}
