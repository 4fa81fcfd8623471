public import ClusterModel
public import Core
public import DNSModel

/// Who asks, and where: what is bound to a machine's loopback is told there alone.
public struct Viewer: Hashable, Sendable {
    /// The node that is asked.
    public var node: NodeID?
    /// Where that node is reached by others.
    public var address: String?
    /// Whether the question comes from the node's own loopback.
    public var isLocal: Bool

    public init(node: NodeID?, address: String? = nil, isLocal: Bool) {
        self.node = node
        self.address = address
        self.isLocal = isLocal
    }

    /// Whether an address that only a machine itself reaches is one of the machine that asks.
    fileprivate func sharesMachine(with endpoint: ServiceEndpoint) -> Bool {
        guard isLocal else { return false }
        if endpoint.nodeID == node { return true }
        // Both are reached by loopback, so that they are on one machine.
        return IPAddress(endpoint.address)?.isLoopback ?? false
            && address.flatMap { IPAddress($0) }?.isLoopback ?? false
    }
}

/// Answers questions about services: `<job>.apollo.internal` and what stands before and behind it, addresses and SRV.
///
/// A plain value: what is known and chance come in.
public struct Resolver: Sendable {
    /// How many instances one answer tells of, drawn anew for each.
    public static let maximumInstances = 500

    private let timeToLive: UInt32
    private let zone: DNSName
    private let server: DNSName
    /// What is looked up for an address that an SRV record points to.
    private static let addressLabels = ["addr", "dns"]

    /// - Parameter timeToLive: how long an answer is good for, in seconds.
    public init(timeToLive: UInt32) {
        guard let zone = DNSName(ServiceAddress.zone), let server = zone.prefixed(by: "ns", "dns") else {
            preconditionFailure("'\(ServiceAddress.zone)' is no name")
        }
        self.timeToLive = timeToLive
        self.zone = zone
        self.server = server
    }

    /// What is done with `query`.
    ///
    /// - Parameter table: nil where nothing is known yet.
    public func outcome(
        _ query: DNSQuery, in table: ServiceTable?, from viewer: Viewer, random: any RandomSource
    ) -> DNSOutcome {
        guard let question = query.question else { return .answer(DNSResponse(.notImplemented)) }
        guard let bytes = question.name.labels(below: zone) else { return .forward }
        var labels = bytes.map { String(decoding: $0, as: UTF8.self) }
        if let answer = fixed(labels, question) { return .answer(answer) }
        guard let table else { return .answer(DNSResponse(.serverFailure)) }
        let port = Self.port(&labels)
        guard let address = ServiceAddress(labels: labels) else { return .answer(nothing(labels)) }
        var endpoints = table.endpoints(of: address.service)
        if let task = address.task { endpoints.removeAll { $0.task != task } }
        guard !endpoints.isEmpty else { return .answer(nothing(labels)) }
        endpoints = Self.drawn(Self.maximumInstances, of: endpoints, random)
        switch port {
        case .none: return .answer(addresses(of: endpoints, question, viewer))
        case .some(nil): return .answer(empty)  // `_tcp.web`: something is below it.
        case .some(let port?): return .answer(services(endpoints, port, question, viewer))
        }
    }

    // MARK: Names

    struct PortQuery: Hashable, Sendable {
        var name: String
        var transport: PortMapping.Transport
    }

    /// Takes `_http._tcp` off the front; nil where there is none, and a nil within for `_tcp` alone.
    private static func port(_ labels: inout [String]) -> PortQuery?? {
        func transport(_ label: String?) -> PortMapping.Transport? {
            label.flatMap {
                $0.hasPrefix("_") ? PortMapping.Transport(rawValue: String($0.dropFirst())) : nil
            }
        }
        if let first = labels.first, first.hasPrefix("_"), labels.count > 1, let found = transport(labels[1])
        {
            labels.removeFirst(2)
            return PortQuery(name: String(first.dropFirst()), transport: found)
        }
        if transport(labels.first) != nil {
            labels.removeFirst()
            return .some(nil)
        }
        return nil
    }

    /// Names that are there whatever runs: the zone's own, and those of addresses.
    private func fixed(_ labels: [String], _ question: DNSQuestion) -> DNSResponse? {
        switch labels.count {
        case 0:
            switch question.type {
            case .soa: return DNSResponse(.success, isAuthoritative: true, answers: [authority])
            case .ns, .any:
                return DNSResponse(.success, isAuthoritative: true, answers: [record(zone, .name(server))])
            default: return empty
            }
        case 2 where labels == ["ns", "dns"], 2 where labels == Self.addressLabels: return empty
        case 3 where Array(labels[1...]) == Self.addressLabels:
            guard let address = Self.address(hex: labels[0]) else { return nothing([]) }
            let isWanted = [address.isV4 ? .a : .aaaa, .any].contains(question.type)
            return isWanted
                ? DNSResponse(
                    .success, isAuthoritative: true, answers: [record(question.name, .address(address))])
                : empty
        default: return nil
        }
    }

    private static func address(hex: String) -> IPAddress? {
        let digits = hex.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        guard digits.count == hex.utf8.count, digits.count % 2 == 0 else { return nil }
        return IPAddress(
            bytes: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    private func name(of address: IPAddress) -> DNSName? {
        let hex = address.bytes.map { String(0x100 + Int($0), radix: 16).dropFirst() }.joined()
        return zone.prefixed(by: hex, Self.addressLabels[0], Self.addressLabels[1])
    }

    // MARK: Answers

    /// No such name, or one that only others are below.
    private func nothing(_ labels: [String]) -> DNSResponse {
        let isWithin =
            labels.last == ServiceAddress.projectMark && labels.count <= 2 || labels == ["dns"]
        return isWithin
            ? empty : DNSResponse(.noSuchName, isAuthoritative: true, authority: [authority])
    }

    private var empty: DNSResponse {
        DNSResponse(.success, isAuthoritative: true, authority: [authority])
    }

    private var authority: DNSRecord {
        record(
            zone,
            .authority(
                server: server, mailbox: zone.prefixed(by: "hostmaster") ?? zone, serial: 1,
                minimum: min(timeToLive, 1)))
    }

    private func record(_ name: DNSName, _ data: DNSRecord.Data) -> DNSRecord {
        DNSRecord(name: name, timeToLive: timeToLive, data: data)
    }

    private func addresses(
        of endpoints: [ServiceEndpoint], _ question: DNSQuestion, _ viewer: Viewer
    ) -> DNSResponse {
        guard [.a, .aaaa, .any].contains(question.type) else { return empty }
        var seen: Set<IPAddress> = []
        let answers = endpoints.flatMap { Self.addresses(of: $0, from: viewer) }.filter {
            (question.type == .any || $0.isV4 == (question.type == .a)) && seen.insert($0).inserted
        }
        guard !answers.isEmpty else { return empty }
        return DNSResponse(
            .success, isAuthoritative: true, answers: answers.map { record(question.name, .address($0)) })
    }

    private func services(
        _ endpoints: [ServiceEndpoint], _ wanted: PortQuery, _ question: DNSQuestion, _ viewer: Viewer
    ) -> DNSResponse {
        var response = DNSResponse(.success, isAuthoritative: true)
        var (isKnown, told) = (false, Set<IPAddress>())
        for endpoint in endpoints {
            for port in endpoint.ports where wanted.matches(port) {
                isKnown = true
                guard question.type == .srv || question.type == .any,
                    let address = Self.address(of: port, endpoint, from: viewer),
                    let target = name(of: address)
                else { continue }
                response.answers.append(
                    record(
                        question.name,
                        .service(priority: 0, weight: 1, port: port.port, target: target)))
                if told.insert(address).inserted {
                    response.additional.append(record(target, .address(address)))
                }
            }
        }
        guard isKnown else { return nothing(["port"]) }
        return response.answers.isEmpty ? empty : response
    }

    // MARK: Instances

    /// Where whoever asks reaches the instance: by its ports, or where it has none by its node.
    static func addresses(of endpoint: ServiceEndpoint, from viewer: Viewer) -> [IPAddress] {
        guard !endpoint.ports.isEmpty else {
            return [reachable(endpoint.address, endpoint, from: viewer)].compactMap { $0 }
        }
        return endpoint.ports.compactMap { address(of: $0, endpoint, from: viewer) }
    }

    private static func address(
        of port: ServiceEndpoint.Port, _ endpoint: ServiceEndpoint, from viewer: Viewer
    ) -> IPAddress? {
        guard let bound = IPAddress(port.address) else { return nil }
        return reachable(bound.isUnspecified ? endpoint.address : port.address, endpoint, from: viewer)
    }

    private static func reachable(
        _ text: String, _ endpoint: ServiceEndpoint, from viewer: Viewer
    ) -> IPAddress? {
        guard let address = IPAddress(text)?.unmapped, !address.isUnspecified else { return nil }
        return address.isLoopback && !viewer.sharesMachine(with: endpoint) ? nil : address
    }

    /// So many of them, each as likely, in an order that is so too.
    private static func drawn(
        _ count: Int, of endpoints: [ServiceEndpoint], _ random: any RandomSource
    ) -> [ServiceEndpoint] {
        var endpoints = endpoints
        for index in 0..<min(count, endpoints.count) {
            let other = index + Int(random.next(below: UInt64(endpoints.count - index)))
            endpoints.swapAt(index, other)
        }
        return Array(endpoints.prefix(count))
    }
}

extension Resolver.PortQuery {
    fileprivate func matches(_ port: ServiceEndpoint.Port) -> Bool {
        port.transport == transport && (port.name == name || "\(port.container)" == name)
    }
}
