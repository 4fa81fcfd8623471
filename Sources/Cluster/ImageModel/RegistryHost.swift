/// Where a registry answers: a name or an address, and a port where it is not that of https.
public struct RegistryHost: Hashable, Sendable {
    /// What Docker means where no host is named.
    public static let dockerHub = RegistryHost(unchecked: "docker.io", port: nil)

    /// In lower case; an address of IPv6 in brackets.
    public let name: String
    public let port: Int?

    /// Reads `name[:port]`; nil where it is none.
    public init?(parsing text: some StringProtocol) {
        var name = Substring(text)
        var port: Int?
        if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") {
            let digits = name[name.index(after: colon)...]
            guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
                let number = Int(digits), (1...65_535).contains(number)
            else { return nil }
            (name, port) = (name[..<colon], number)
        }
        guard name.hasPrefix("[") ? Self.isBracketed(name) : Self.isName(name) else { return nil }
        self.init(unchecked: name.lowercased(), port: port)
    }

    private init(unchecked name: String, port: Int?) {
        self.name = name
        self.port = port
    }

    /// Whether it is this machine, as far as its name tells: Docker's clients speak without TLS to such only.
    public var isLoopback: Bool { name == "localhost" || name.hasPrefix("127.") || name == "[::1]" }

    private static func isBracketed(_ name: Substring) -> Bool {
        name.hasSuffix("]") && (4...47).contains(name.utf8.count) && name.contains(":")
            && name.dropFirst().dropLast().utf8.allSatisfy {
                (48...57).contains($0) || (97...102).contains($0) || (65...70).contains($0)
                    || $0 == UInt8(ascii: ":")
            }
    }

    private static func isName(_ name: Substring) -> Bool {
        name.utf8.count <= 253
            && name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
                label in
                guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
                return isLetterOrDigit(first) && isLetterOrDigit(last)
                    && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
    }
}

extension RegistryHost: CustomStringConvertible {
    public var description: String { port.map { "\(name):\($0)" } ?? name }
}
