import Concurrency
import Core

/// One direction of a connection: packets in order, with the time each arrives.
///
/// Only the first has a timer. When the way is cut at its time it is sent again, later and later, until the connection gives
/// up: the sender learns it, the receiver does not.
final class Pipe: @unchecked Sendable {
    enum Packet {
        case bytes([UInt8])
        case end
        case reset
    }

    private let network: SimulatedNetwork
    private let link: SimulatedNetwork.Link
    // The streams refer to their pipes and these to the streams: closing a stream, or ending the simulation, parts them.
    private let sender: SimulatedStream
    private let receiver: SimulatedStream
    private var packets: [(packet: Packet, arrival: Int64)] = []
    private var head = 0
    private var timer: Scheduler.Timers.Token?
    private var attempt = 0
    private var firstAttempt: Int64 = 0

    init(
        _ network: SimulatedNetwork, _ link: SimulatedNetwork.Link, from sender: SimulatedStream,
        to receiver: SimulatedStream
    ) {
        self.network = network
        self.link = link
        self.sender = sender
        self.receiver = receiver
    }

    func send(_ packet: Packet) {
        let conditions = network.conditions(of: link)
        var packet = packet
        if link.from != link.to, network.random.chance(conditions.reset) { packet = .reset }
        var arrival = network.scheduler.now + network.delay(link)
        if link.from != link.to {
            var wait = NetworkConditions.retransmission
            while network.random.chance(conditions.loss), wait < NetworkConditions.longestRetransmission {
                arrival += wait
                wait *= 2
            }
        }
        if head < packets.count { arrival = max(arrival, packets[packets.count - 1].arrival) }
        packets.append((packet, arrival))
        if timer == nil { setTimer(at: arrival) }
    }

    /// Loses all that is under way.
    func drop() {
        if let timer { network.scheduler.cancelTimer(timer) }
        timer = nil
        packets.removeAll()
        head = 0
    }

    private func setTimer(at time: Int64) {
        timer = network.scheduler.schedule(at: time) { [self] in
            timer = nil
            arrive()
        }
    }

    private func arrive() {
        guard head < packets.count else { return }
        guard network.carries(link) else { return sendAgain() }
        attempt = 0
        let packet = packets[head].packet
        network.scheduler.trace.mix(UInt64(receiver.id))
        head += 1
        if head == packets.count {
            packets.removeAll(keepingCapacity: true)
            head = 0
        } else {
            setTimer(at: max(network.scheduler.now, packets[head].arrival))
        }
        if !receiver.take(packet) { refuse() }
    }

    /// Answers what came to a closed socket with a reset, as far as the way back carries it.
    private func refuse() {
        let back = SimulatedNetwork.Link(from: link.to, to: link.from)
        network.scheduler.schedule(at: network.scheduler.now + network.delay(back)) { [self] in
            if network.carries(back) { sender.fail("was reset by the other side") }
        }
    }

    private func sendAgain() {
        let now = network.scheduler.now
        if attempt == 0 { firstAttempt = now }
        // The reset of a process that died is sent once.
        if case .reset = packets[head].packet { return drop() }
        guard now - firstAttempt < network.connectionTimeout.inNanoseconds else {
            drop()
            return sender.fail("timed out: nothing it sent was acknowledged")
        }
        let wait = min(
            NetworkConditions.retransmission << Int64(attempt), NetworkConditions.longestRetransmission)
        attempt += 1
        setTimer(at: now + wait + network.random.duration(in: .zero ... .milliseconds(20)).inNanoseconds)
    }
}
