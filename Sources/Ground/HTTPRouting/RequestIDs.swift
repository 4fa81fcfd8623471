import Core
import Synchronization

/// Names requests: eight characters that tell this router from others, and seven that count.
///
/// Fifteen bytes are what a string holds without allocating, and counting needs no system call.
final class RequestIDs: Sendable {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    private let prefix: UInt64
    private let count = Atomic<UInt64>(0)

    init(random: any RandomSource) { prefix = random.next() }

    func next() -> String {
        var count = count.add(1, ordering: .relaxed).newValue
        var prefix = prefix
        return String(unsafeUninitializedCapacity: 15) { buffer in
            for index in stride(from: 14, through: 8, by: -1) {
                buffer[index] = Self.alphabet[Int(count & 31)]
                count >>= 5
            }
            for index in 0..<8 {
                buffer[index] = Self.alphabet[Int(prefix & 31)]
                prefix >>= 5
            }
            return 15
        }
    }

    /// Whether an id from outside may be taken over: 1 to 64 letters, digits, `.`, `_` and `-`.
    static func isAcceptable(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
