/// What is asked for (RFC 1035, 3.2.2).
public struct DNSType: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let a = DNSType(rawValue: 1)
    public static let ns = DNSType(rawValue: 2)
    public static let soa = DNSType(rawValue: 6)
    public static let aaaa = DNSType(rawValue: 28)
    public static let srv = DNSType(rawValue: 33)
    /// No record, but what both ends can do (RFC 6891).
    public static let opt = DNSType(rawValue: 41)
    /// Transfers of whole zones.
    public static let ixfr = DNSType(rawValue: 251)
    public static let axfr = DNSType(rawValue: 252)
    public static let any = DNSType(rawValue: 255)
}

/// How an answer went (RFC 1035, 4.1.1; RFC 6891, 9).
public struct DNSCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let success = DNSCode(rawValue: 0)
    public static let formatError = DNSCode(rawValue: 1)
    public static let serverFailure = DNSCode(rawValue: 2)
    public static let noSuchName = DNSCode(rawValue: 3)
    public static let notImplemented = DNSCode(rawValue: 4)
    public static let refused = DNSCode(rawValue: 5)
    /// A version of EDNS that is not known.
    public static let badVersion = DNSCode(rawValue: 16)
}

/// The class of all that is asked for in practice: the Internet's.
public enum DNSClass {
    public static let internet: UInt16 = 1
    public static let any: UInt16 = 255
}
