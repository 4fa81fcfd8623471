import CGRPC
import Synchronization

/// The core itself: started once, never stopped, since its threads are shared by all that uses it.
enum RPCLibrary {
    /// What the core complains of, for who listens; it has no other way to say why it cannot bind or read a key.
    static let complaint = Mutex("")

    static let start: Void = {
        cgrpc_init { message in
            let text = String(cString: message)
            RPCLibrary.complaint.withLock { $0 = text }
        }
    }()
}

/// A completion queue of the core.
struct QueueHandle: ~Copyable, @unchecked Sendable {
    enum Event {
        case none
        case wake
        case done(OperationTag, succeeded: Bool)
    }

    let pointer: OpaquePointer

    init() { pointer = cgrpc_queue_create() }

    deinit { cgrpc_queue_destroy(pointer) }

    func wake() { cgrpc_queue_wake(pointer) }

    func shutdown() { cgrpc_queue_shutdown(pointer) }

    /// Nil once the queue is shut down and empty.
    func next(wait: Bool) -> Event? {
        var tag: UnsafeMutableRawPointer?
        var succeeded = false
        switch cgrpc_queue_next(pointer, wait, &tag, &succeeded) {
        case cgrpc_event_stopped: return nil
        case cgrpc_event_none: return Event.none
        default: return tag.map { .done(OperationTag(pointer: $0), succeeded: succeeded) } ?? .wake
        }
    }
}

/// What the core hands back when an operation ends: a task that waits, or an object that is told.
///
/// Both are pointers to something aligned, so the lowest bits tell them apart, and nothing is allocated for an operation.
struct OperationTag {
    let pointer: UnsafeMutableRawPointer

    init(pointer: UnsafeMutableRawPointer) { self.pointer = pointer }

    init(_ continuation: UnsafeContinuation<Bool, Never>) {
        // A continuation is one pointer; its type has no other way to it.
        pointer = unsafeBitCast(continuation, to: UnsafeMutableRawPointer.self)
    }

    /// Keeps `observer` until the operation ends. `number` is handed back to it: which of its operations this was.
    init(_ observer: OperationObserver, _ number: Int = 0) {
        pointer = Unmanaged.passRetained(observer).toOpaque() + (1 | number << 1)
    }

    private var observer: (Unmanaged<OperationObserver>, Int)? {
        // Objects are aligned to 16 bytes: one bit says that it is one, three are left for the number.
        let bits = Int(bitPattern: pointer) & 15
        guard bits & 1 == 1 else { return nil }
        return (Unmanaged.fromOpaque(pointer - bits), bits >> 1)
    }

    func finish(_ succeeded: Bool) {
        if let (observer, number) = observer {
            observer.takeRetainedValue().operationEnded(number, succeeded)
        } else {
            unsafeBitCast(pointer, to: UnsafeContinuation<Bool, Never>.self).resume(returning: succeeded)
        }
    }

    /// Lets go of an observer whose operation could not be started.
    func discard() { observer?.0.release() }
}

/// Is told, on the poller's thread, that an operation ended. A class, since its reference has to fit into a tag.
class OperationObserver: @unchecked Sendable {
    /// - Parameter number: that of the tag, 0 to 7.
    func operationEnded(_ number: Int, _ succeeded: Bool) {}
}

/// Starts an operation, and returns whether it ended well; false also where it could not be started.
@inline(__always)
func operation(_ start: (UnsafeMutableRawPointer) -> Bool) async -> Bool {
    await withUnsafeContinuation { continuation in
        if !start(OperationTag(continuation).pointer) { continuation.resume(returning: false) }
    }
}

/// A call of the core, of either end, with the messages and metadata that belong to it.
///
/// The core reads and writes it until the operations end; who starts one keeps the handle until then.
struct CallHandle: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { cgrpc_call_destroy(pointer) }

    /// Makes it ready for another call.
    func reset() { cgrpc_call_reset(pointer) }

    /// The message that the last operation received; nil for none.
    func takeMessage() -> [UInt8]? {
        var size = 0
        guard cgrpc_call_has_message(pointer, &size) else { return nil }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            cgrpc_call_take_message(pointer, buffer.baseAddress)
            count = size
        }
    }
}

/// Arguments of a server or a channel.
struct ArgumentsHandle: ~Copyable {
    let pointer: OpaquePointer

    init() { pointer = cgrpc_arguments_create() }

    deinit { cgrpc_arguments_destroy(pointer) }

    func set(_ key: String, _ value: Int) { cgrpc_arguments_set_number(pointer, key, Int32(clamping: value)) }
    func set(_ key: String, _ value: Duration) {
        set(key, Int(value.components.seconds * 1000 + value.components.attoseconds / 1_000_000_000_000_000))
    }
    func set(_ key: String, _ value: String) { cgrpc_arguments_set_text(pointer, key, value) }
}

extension [UInt8] {
    func withBytes<Result>(_ body: (cgrpc_bytes) -> Result) -> Result {
        withUnsafeBufferPointer { body(cgrpc_bytes(start: $0.baseAddress, count: $0.count)) }
    }
}

extension String {
    func withBytes<Result>(_ body: (cgrpc_bytes) -> Result) -> Result {
        var text = self
        return text.withUTF8 { body(cgrpc_bytes(start: $0.baseAddress, count: $0.count)) }
    }
}

extension cgrpc_bytes {
    var array: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }
    var text: String { String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) }
}
