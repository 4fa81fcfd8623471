import Core
import Networking

/// The network between simulated hosts, and the faults in it.
///
/// Hosts are known by their names. All changes take effect at once, also for what is under way: a packet is lost if the way
/// is cut when it would arrive.
public final class SimulatedNetwork: @unchecked Sendable {
    /// A way from one host to another; the way back is another one.
    struct Link: Hashable {
        var from: Int
        var to: Int
    }

    let scheduler: Scheduler
    let random: SimulatedRandom
    private var hosts: [String: Int] = [:]
    private var isUp: [Bool] = []
    private var cut: Set<Link> = []
    private var special: [Link: NetworkConditions] = [:]
    private var listeners: [NetworkAddress: SimulatedListener] = [:]
    private var sockets: [NetworkAddress: SimulatedDatagramSocket] = [:]
    private var nextPort: UInt16 = 32_768
    /// In the order they were made, so that nothing depends on the order of a hash table.
    private var streams: [Int: SimulatedStream] = [:]
    private var lastStream = 0

    /// How every way behaves that has no conditions of its own.
    public var conditions = NetworkConditions()
    /// How long a connection sends into the void before it gives up (`TCP_USER_TIMEOUT`). The other side learns nothing
    /// of it: a half-open connection.
    public var connectionTimeout: Duration = .seconds(30)
    /// The bytes a connection holds before a write waits for the reader.
    public var window = 256 << 10

    init(scheduler: Scheduler, random: SimulatedRandom) {
        self.scheduler = scheduler
        self.random = random
    }

    // MARK: Faults

    /// Sets how the way from one host to another behaves; nil for the common conditions.
    public func setConditions(_ conditions: NetworkConditions?, from: String, to: String) {
        special[Link(from: index(of: from), to: index(of: to))] = conditions
    }

    /// Loses whatever `from` sends to `to`, but not what comes back.
    public func cut(from: String, to: String) {
        scheduler.trace.mix("cut")
        cut.insert(Link(from: index(of: from), to: index(of: to)))
    }

    public func mend(from: String, to: String) {
        scheduler.trace.mix("mend")
        cut.remove(Link(from: index(of: from), to: index(of: to)))
    }

    /// Cuts all ways between hosts of one group and of the other, both ways.
    public func partition(_ some: [String], from others: [String]) {
        for one in some {
            for other in others where one != other {
                cut(from: one, to: other)
                cut(from: other, to: one)
            }
        }
    }

    /// Cuts a host off from all others known so far.
    public func isolate(_ name: String) {
        partition([name], from: hosts.keys.filter { $0 != name }.sorted())
    }

    /// Mends all that was cut.
    public func heal() {
        scheduler.trace.mix("heal")
        cut.removeAll()
    }

    // MARK: Hosts

    func index(of name: String) -> Int {
        if let index = hosts[name] { return index }
        let index = isUp.count
        hosts[name] = index
        isUp.append(true)
        return index
    }

    /// The index of a host that is known; a name nobody has is a name DNS does not find.
    func known(_ name: String) -> Int? { hosts[name] }

    func setUp(_ host: Int, _ up: Bool) { isUp[host] = up }

    func isUp(_ host: Int) -> Bool { isUp[host] }

    /// Whether a packet that arrives now arrives at all.
    func carries(_ link: Link) -> Bool { isUp[link.to] && (cut.isEmpty || !cut.contains(link)) }

    func conditions(of link: Link) -> NetworkConditions {
        if !special.isEmpty, let conditions = special[link] { return conditions }
        return conditions
    }

    /// How long one packet takes now. A host reaches itself at once and without loss.
    func delay(_ link: Link) -> Int64 {
        guard link.from != link.to else { return 1000 }
        return random.duration(in: conditions(of: link).latency).inNanoseconds
    }

    /// The end of a process: the system closes its sockets, or takes them with it into the dark.
    func processEnded(_ executor: ProcessExecutor, machineIsGone: Bool) {
        // The order of a dictionary's values is the same in every run of one program only: sorted, it is of the seed.
        for address in listeners.filter({ $0.value.executor === executor }).keys.sorted(by: Self.inOrder) {
            listeners[address]?.close()
        }
        for address in sockets.filter({ $0.value.executor === executor }).keys.sorted(by: Self.inOrder) {
            sockets[address]?.close()
        }
        for id in streams.filter({ $0.value.executor === executor }).keys.sorted() {
            streams[id]?.abandon(machineIsGone: machineIsGone)
        }
    }

    private static func inOrder(_ a: NetworkAddress, _ b: NetworkAddress) -> Bool {
        (a.host, a.port) < (b.host, b.port)
    }

    // MARK: Sockets

    func register(_ listener: SimulatedListener) { listeners[listener.address] = listener }
    func unregister(_ listener: SimulatedListener) { listeners[listener.address] = nil }
    func listener(at address: NetworkAddress) -> SimulatedListener? { listeners[address] }

    func register(_ socket: SimulatedDatagramSocket) { sockets[socket.address] = socket }
    func unregister(_ socket: SimulatedDatagramSocket) { sockets[socket.address] = nil }
    func socket(at address: NetworkAddress) -> SimulatedDatagramSocket? { sockets[address] }

    func register(_ stream: SimulatedStream) -> Int {
        lastStream += 1
        streams[lastStream] = stream
        return lastStream
    }

    func unregister(_ stream: SimulatedStream) { streams[stream.id] = nil }

    /// A port nobody uses on the host.
    func freePort(_ host: String) -> UInt16 {
        while true {
            nextPort = nextPort == .max ? 32_768 : nextPort + 1
            let address = NetworkAddress(host: host, port: nextPort)
            if listeners[address] == nil, sockets[address] == nil { return nextPort }
        }
    }

    /// What waits in the network, for the report of a failure.
    var waits: [String] {
        let accepting = listeners.values.filter(\.isWaiting).map { "\($0.address) accepts" }
        let reading = streams.values.filter(\.isReading).map { "\($0.local) reads from \($0.peer)" }
        let writing = streams.values.filter(\.isWriting).map { "\($0.local) writes to \($0.peer)" }
        return (accepting + reading + writing).sorted()
    }

    func dismantle() {
        for stream in streams.values { stream.dismantle() }
        listeners.removeAll()
        sockets.removeAll()
        streams.removeAll()
    }
}
