import ClusterModel
import Glibc

/// One connection to the launcher.
final class LauncherClient {
    let id: UInt64
    let socket: Descriptor
    private var incoming = FrameBuffer()
    private var greeting: [UInt8] = []
    private var outgoing: [UInt8] = []
    private var sent = 0
    private(set) var hasGreeted = false
    /// Nothing more is read; it is closed once all is sent.
    var isClosing = false
    /// Requests that wait for something to happen, and to which attempt.
    var pending: [UInt32: AttemptID] = [:]
    var isWatchedForWriting = false

    /// A client that takes no answers while they pile up is let go.
    private static let mostOutgoing = 32 << 20
    private static let readSize = 64 << 10
    /// How much is read in one turn, so that others have theirs.
    private static let readsPerTurn = 4

    init(id: UInt64, socket: Descriptor) {
        self.id = id
        self.socket = socket
    }

    enum Failure: Error {
        case closed
        case protocolViolation(WireError)
        case otherVersion(UInt32)
        case tooSlow
    }

    /// What came, as whole frames.
    func receive() throws(Failure) -> [Frame] {
        var frames: [Frame] = []
        for _ in 0..<Self.readsPerTurn {
            var chunk = [UInt8](repeating: 0, count: Self.readSize)
            let count = retryingInterrupts { recv(socket.number, &chunk, Self.readSize, Int32(MSG_DONTWAIT)) }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else { throw .closed }
            do throws(WireError) {
                try take(chunk[..<count])
                while let frame = hasGreeted ? try incoming.next() : nil { frames.append(frame) }
            } catch {
                throw .protocolViolation(error)
            }
            if let version = otherVersion { throw .otherVersion(version) }
            if count < Self.readSize { break }
        }
        return frames
    }

    private var otherVersion: UInt32?

    private func take(_ bytes: ArraySlice<UInt8>) throws(WireError) {
        var rest = bytes
        if !hasGreeted {
            let missing = Greeting.size - greeting.count
            greeting += rest.prefix(missing)
            rest = rest.dropFirst(missing)
            guard greeting.count == Greeting.size else { return }
            let theirs = try Greeting(parsing: greeting)
            outgoing += Greeting.current.bytes
            hasGreeted = true
            if theirs != .current { otherVersion = theirs.version }
        }
        rest.withUnsafeBytes { incoming.append($0) }
    }

    func answer(_ reply: LauncherReply, to request: UInt32) {
        pending[request] = nil
        outgoing += reply.frame(request)
    }

    var hasOutgoing: Bool { sent < outgoing.count }

    /// Sends what the socket takes.
    func send() throws(Failure) {
        while hasOutgoing {
            let count = outgoing.withUnsafeBytes { bytes in
                retryingInterrupts {
                    Glibc.send(
                        socket.number, bytes.baseAddress! + sent, bytes.count - sent,
                        Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
                }
            }
            if count < 0, errno == EAGAIN { break }
            guard count >= 0 else { throw .closed }
            sent += count
        }
        if !hasOutgoing {
            outgoing.removeAll(keepingCapacity: true)
            sent = 0
        } else if outgoing.count - sent > Self.mostOutgoing {
            throw .tooSlow
        }
    }
}
