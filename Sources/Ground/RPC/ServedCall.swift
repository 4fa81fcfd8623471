import CGRPC
import Core
import RPCModel

/// What every call that a server answers has: what was asked, by whom, until when.
class ServedCall: OperationObserver, @unchecked Sendable {
    let handle: CallHandle

    init(_ handle: consuming CallHandle) { self.handle = handle }

    var pointer: OpaquePointer { handle.pointer }

    /// Asks the core to tell when the client gives up. A short call is over by now, and learns it with its status: one operation less.
    func watchUnlessOver() {}

    var path: String { cgrpc_call_method(pointer).text }
    var metadata: RPCMetadata { RPCMetadata(cgrpc_call_request_metadata(pointer)) }

    func deadline(_ clock: any MonotonicClock) -> MonotonicInstant? {
        let remaining = cgrpc_call_remaining(pointer)
        return remaining < 0 ? nil : clock.now.advanced(by: .nanoseconds(remaining))
    }

    /// Where the client is; `names` has the texts that were made of it before.
    func peer(_ names: borrowing PeerNames) -> String {
        guard let text = cgrpc_call_peer(pointer) else { return "" }
        defer { cgrpc_text_free(text) }
        return names.name(text)
    }

    var identity: RPCPeerIdentity? { RPCPeerIdentity(pointer) }
}
