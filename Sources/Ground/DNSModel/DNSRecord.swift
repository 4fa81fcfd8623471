/// One record of an answer.
public struct DNSRecord: Hashable, Sendable {
    public enum Data: Hashable, Sendable {
        case address(IPAddress)
        case name(DNSName)
        /// Where a service is: of those with the lowest priority one by weight (RFC 2782).
        case service(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName)
        /// Whose the zone is, and for how long it is believed that there is no such name (RFC 2308).
        case authority(server: DNSName, mailbox: DNSName, serial: UInt32, minimum: UInt32)
    }

    public var name: DNSName
    /// In seconds.
    public var timeToLive: UInt32
    public var data: Data

    public init(name: DNSName, timeToLive: UInt32, data: Data) {
        self.name = name
        self.timeToLive = timeToLive
        self.data = data
    }

    public var type: DNSType {
        switch data {
        case .address(let address): address.isV4 ? .a : .aaaa
        case .name: .ns
        case .service: .srv
        case .authority: .soa
        }
    }
}
