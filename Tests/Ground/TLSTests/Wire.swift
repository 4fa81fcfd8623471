import Glibc
import TLS

/// A client and a server, and the bytes between them.
struct Wire: ~Copyable {
    var client: TLSSession
    var server: TLSSession
    private var toServer: [UInt8] = []
    private var toClient: [UInt8] = []
    /// How many bytes the output of one call holds.
    private let room: Int

    init(client: consuming TLSSession, server: consuming TLSSession, room: Int = 1 << 15) {
        self.client = client
        self.server = server
        self.room = room
    }

    mutating func shakeHands() throws(TLSError) {
        var clientIsDone = false
        var serverIsDone = false
        for _ in 0..<100_000 where !(clientIsDone && serverIsDone && toServer.isEmpty) {
            if !clientIsDone {
                clientIsDone = try Self.step(room, &client, input: &toClient, output: &toServer)
            }
            if !serverIsDone {
                serverIsDone = try Self.step(room, &server, input: &toServer, output: &toClient)
            }
        }
    }

    private static func step(
        _ room: Int, _ session: inout TLSSession, input: inout [UInt8], output: inout [UInt8]
    ) throws(TLSError) -> Bool {
        var buffer = [UInt8](repeating: 0, count: room)
        let given = Array(input.prefix(room))
        var span = buffer.mutableSpan
        var place = span.mutableBytes
        let step = try session.handshake(given.span.bytes, output: &place)
        output += buffer[..<step.produced]
        input.removeFirst(step.consumed)
        return step.isFinished
    }

    mutating func sendToServer(_ bytes: [UInt8]) throws(TLSError) -> [UInt8] {
        try Self.send(room, bytes, &client, &toServer, &server)
    }

    mutating func sendToClient(_ bytes: [UInt8]) throws(TLSError) -> [UInt8] {
        try Self.send(room, bytes, &server, &toClient, &client)
    }

    mutating func sealByClient(_ bytes: [UInt8]) throws(TLSError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 15)
        var span = buffer.mutableSpan
        var place = span.mutableBytes
        let step = try client.seal(bytes.span.bytes, into: &place)
        return Array(buffer[..<step.produced])
    }

    mutating func openByServer(_ bytes: [UInt8]) throws(TLSError) -> TLSSession.Step {
        var plaintext = [UInt8](repeating: 0, count: 1 << 15)
        var output = [UInt8](repeating: 0, count: 1 << 15)
        var span = plaintext.mutableSpan
        var place = span.mutableBytes
        var outputSpan = output.mutableSpan
        var room = outputSpan.mutableBytes
        return try server.open(bytes.span.bytes, into: &place, output: &room)
    }

    private static func send(
        _ room: Int, _ bytes: [UInt8], _ from: inout TLSSession, _ wire: inout [UInt8], _ to: inout TLSSession
    ) throws(TLSError) -> [UInt8] {
        var got: [UInt8] = []
        var taken = 0
        while got.count < bytes.count {
            if taken < bytes.count {
                var buffer = [UInt8](repeating: 0, count: room)
                let rest = Array(bytes[taken...])
                var span = buffer.mutableSpan
                var place = span.mutableBytes
                let step = try from.seal(rest.span.bytes, into: &place)
                wire += buffer[..<step.produced]
                taken += step.plaintext
            }
            var plaintext = [UInt8](repeating: 0, count: 1000)
            var output = [UInt8](repeating: 0, count: 1000)
            let given = Array(wire.prefix(room))
            var span = plaintext.mutableSpan
            var place = span.mutableBytes
            var outputSpan = output.mutableSpan
            var answer = outputSpan.mutableBytes
            let step = try to.open(given.span.bytes, into: &place, output: &answer)
            wire.removeFirst(step.consumed)
            got += plaintext[..<step.plaintext]
        }
        return got
    }
}

func read(_ source: PEMSource) throws -> String {
    guard case .file(let path) = source, let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

func write(_ text: String, to source: PEMSource) throws {
    guard case .file(let path) = source, let file = fopen(path, "w") else { return }
    defer { fclose(file) }
    fputs(text, file)
}

func copy(_ from: TLSContext.Identity, over to: TLSContext.Identity) throws {
    try write(try read(from.certificates), to: to.certificates)
    try write(try read(from.key), to: to.key)
}
