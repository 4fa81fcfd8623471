import Glibc

/// An address of the Internet protocol, as its 4 or 16 bytes.
public struct IPAddress: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Nil for another number of bytes than 4 or 16.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads `10.0.0.1` or `fd00::1`; nil for a name, and for an address with a zone.
    public init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes[..<4])
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    public var isV4: Bool { bytes.count == 4 }

    /// An IPv4 address in the clothes of IPv6, `::ffff:10.0.0.1`, as itself.
    public var unmapped: IPAddress {
        guard !isV4, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF,
            let inner = IPAddress(bytes: Array(bytes[12...]))
        else { return self }
        return inner
    }

    /// Only this machine reaches it.
    public var isLoopback: Bool {
        isV4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// It stands for all addresses of a machine.
    public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            inet_ntop(isV4 ? AF_INET : AF_INET6, bytes, text.baseAddress!, socklen_t(text.count))
            return String(cString: text.baseAddress!)
        }
    }
}
