import Core
import RPCModel
import Synchronization

/// Names calls for logs and audit records.
final class CallIDs: Sendable {
    private let prefix: String
    private let count = Atomic<UInt64>(0)

    init(random: any RandomSource) { prefix = String(random.next() & 0xFFFF_FFFF, radix: 32) }

    /// The client's own, where it is 1 to 64 letters, digits, `.`, `_` and `-`; else a new one.
    func id(from metadata: RPCMetadata) -> String {
        if let text = metadata["x-request-id"], (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy(Self.isAllowed)
        {
            return text
        }
        return "\(prefix)-\(String(count.add(1, ordering: .relaxed).newValue, radix: 32))"
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
