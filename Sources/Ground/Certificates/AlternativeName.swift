import CX509
import Glibc

/// A name that a certificate vouches for (RFC 5280, section 4.2.1.6).
public enum AlternativeName: Hashable, Sendable {
    /// A host's name, in lower case.
    case host(String)
    /// An address: 4 bytes, or 16.
    case address([UInt8])
    case uri(String)

    /// Reads a host's name or an address as people write it; nil for what is neither.
    public init?(parsing text: String) {
        var address = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &address) == 1 {
            self = .address(Array(address.prefix(4)))
        } else if inet_pton(AF_INET6, text, &address) == 1 {
            self = .address(address)
        } else {
            let name = text.lowercased()
            guard Self.isHost(name) else { return nil }
            self = .host(name)
        }
    }

    /// Labels of letters, digits and hyphens (RFC 1123, section 2.1), the first perhaps `*`.
    private static func isHost(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.enumerated().allSatisfy { index, label in
            if index == 0, labels.count > 2, Array(label) == [UInt8(ascii: "*")] { return true }
            return (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                && label.last != UInt8(ascii: "-")
                && label.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        }
    }
}

extension AlternativeName: CustomStringConvertible {
    public var description: String {
        switch self {
        case .host(let name): return name
        case .uri(let text): return text
        case .address(let bytes):
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}

/// A list of names as OpenSSL has it.
struct NameList: ~Copyable {
    let pointer: OpaquePointer

    static func make(_ names: [AlternativeName]) throws(CertificateError) -> NameList {
        let list = try NameList(taking: GENERAL_NAMES_new())
        for name in names {
            let (kind, bytes): (Int32, [UInt8]) =
                switch name {
                case .host(let text): (GEN_DNS, Array(text.utf8))
                case .uri(let text): (GEN_URI, Array(text.utf8))
                case .address(let bytes): (GEN_IPADD, bytes)
                }
            guard capollo_x509_names_add(list.pointer, kind, bytes, Int32(bytes.count)) == 1 else {
                throw LibraryErrors.failure("adding a name")
            }
        }
        return list
    }

    private init(taking pointer: OpaquePointer?) throws(CertificateError) {
        guard let pointer else { throw .failed("out of memory") }
        self.pointer = pointer
    }

    deinit { capollo_x509_names_free(pointer) }

    /// Reads the names of a list, which is freed; kinds that are not ours are passed over.
    static func read(_ pointer: OpaquePointer?) -> [AlternativeName] {
        guard let pointer else {
            LibraryErrors.clear()
            return []
        }
        defer { capollo_x509_names_free(pointer) }
        return (0..<capollo_x509_names_count(pointer)).compactMap { index in
            var bytes: UnsafePointer<UInt8>?
            var count: Int32 = 0
            let kind = capollo_x509_names_get(pointer, index, &bytes, &count)
            let value = Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
            switch kind {
            case GEN_DNS: return .host(String(decoding: value, as: UTF8.self).lowercased())
            case GEN_URI: return .uri(String(decoding: value, as: UTF8.self))
            case GEN_IPADD: return [4, 16].contains(value.count) ? .address(value) : nil
            default: return nil
            }
        }
    }
}
