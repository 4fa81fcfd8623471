import ClusterModel
import Core
import NodeMessages
import Protobuf
import RPCModel
import TaskDecisions
import TaskRuntimes
import Workers

@testable import NodeServices

/// Feeds bytes to what manager and worker read of each other, through the conversions that both go by. Whatever the bytes are, they are
/// understood or refused with words; what is understood can be counted with, stored and sent on, and means the same then.
///
/// The first byte chooses the message.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNodeMessages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    do {
        switch choice % 10 {
        case 0: try order(Order(protobuf: bytes))
        case 1: try report(Report(protobuf: bytes))
        case 2: try registration(Registration(protobuf: bytes))
        case 3: try grant(LeaseGrant(protobuf: bytes))
        case 4: try exec(ExecInputPiece(protobuf: bytes))
        case 5: try news(ExecNews(protobuf: bytes))
        case 6: try logs(LogPieces(protobuf: bytes))
        case 7: try question(LogRequest(protobuf: bytes))
        case 8: try answers(Description(protobuf: bytes), bytes)
        default: try secrets(SecretsRequest(protobuf: bytes))
        }
    } catch let error as RPCError {
        // What a session ends with, and a person reads.
        precondition(!error.message.isEmpty)
    } catch is ProtobufError {
        // No message at all.
    } catch { preconditionFailure("\(error) is told to nobody") }
    return 0
}

private let node = NodeID(time: Timestamp(microseconds: 0), random: 3)
/// As far as a clock may be away that tells a time.
private let away = [Duration.seconds(253_402_300_799), .seconds(-253_402_300_799)]

private func order(_ order: Order) throws {
    if case .hello(let hello)? = order.kind { count(try hello.lease()) }
    if let update = try order.serviceUpdate() {
        var read: [ServiceUpdate] = []
        for piece in Order.services(update) {
            read.append(try require(Order(protobuf: piece.protobufBytes()).serviceUpdate()))
        }
        precondition(read.flatMap(\.changed) == update.changed && read.flatMap(\.removed) == update.removed)
        return
    }
    guard let directive = try order.directive(on: node) else { return }
    let again = require(Order(directive))
    try must(Order(protobuf: again.protobufBytes()).directive(on: node) == directive)
    switch directive {
    case .stop(_, let grace):
        precondition(grace >= .zero)
        count(grace)
    case .launch(let launch, _):
        count(launch.spec.stopGrace.duration)
        if let limit = launch.spec.timeout { count(limit.duration) }
    case .probe(let probe):
        count(probe.check.interval.duration)
        count(probe.check.timeout.duration)
    default: break
    }
}

private func report(_ report: Report) throws {
    for read in try report.reports() {
        for difference in away { _ = Report(read.shifted(by: difference)) }
        let again = try Report(protobuf: Report(read).protobufBytes()).reports()
        precondition(again.map { "\($0)" } == ["\(read)"], "\(read) became \(again)")
    }
}

private func registration(_ registration: Registration) throws {
    let clock = try registration.clock()
    // It is told, and added to civil times; no clock that never jumps has to do with it.
    let ahead = Timestamp(microseconds: 1 << 50).duration(to: clock)
    precondition(ahead.inSeconds.isFinite && Timestamp(microseconds: 1 << 50).advanced(by: ahead) == clock)
    var described = try registration.described()
    check(described)
    described.metrics = try registration.metrics()
    if let metrics = described.metrics { precondition(metrics.fault == nil) }
    let again = Registration(described, incarnation: 1, host: "", port: 1, time: clock)
    let read = try Registration(protobuf: again.protobufBytes())
    var expected = asWritten(described)
    try must(read.metrics() == expected.metrics)
    expected.metrics = nil
    try must(read.described() == expected)
}

private func grant(_ grant: LeaseGrant) throws {
    let lease = try grant.lease()
    precondition(lease >= .zero)
    count(lease)
    count(Duration.milliseconds(grant.clockAheadMs) / 1_000_000)
}

private func exec(_ piece: ExecInputPiece) throws {
    if case .order(let order)? = piece.kind {
        let request = try order.request()
        precondition(request.command.first?.isEmpty == false)
        guard let place = try order.place?.attemptPlace(on: node) else { return }
        let again = try ExecOrder(protobuf: ExecOrder(request, of: place, epoch: 1).protobufBytes())
        try must(again.request() == request)
    } else if let input = piece.input {
        try must(ExecInputPiece(protobuf: ExecInputPiece(input).protobufBytes()).input == input)
    }
}

private func news(_ news: ExecNews) throws {
    guard let event = news.event else { return }
    try must(ExecNews(protobuf: ExecNews(event).protobufBytes()).event == event)
}

private func logs(_ pieces: LogPieces) throws {
    for piece in pieces.pieces {
        let record = try piece.record()
        precondition(record.end ?? 0 >= 0)
        try must(LogPiece(protobuf: LogPiece(record).protobufBytes()).record() == record)
        _ = record.time.description
    }
}

private func question(_ request: LogRequest) throws {
    let query = try request.query()
    precondition(query.tail ?? 0 >= 0)
    guard let place = try request.place?.attemptPlace(on: node) else { return }
    try must(LogRequest(query, of: place, epoch: 1).query() == query)
}

/// What a worker answers: the same field is another in each.
private func answers(_ description: Description, _ bytes: [UInt8]) throws {
    if let usage = try? Usage(protobuf: bytes) {  // Most are of another message.
        let read = try usage.attemptUsage()
        precondition(read.cpuSeconds >= 0 && read.cpuSeconds.isFinite && read.memory.bytes >= 0)
    }
    if let measured = try? Measurement(protobuf: bytes), let metrics = try? measured.metrics() {  // As above.
        precondition(metrics.fault == nil)
        try must(Measurement(metrics).metrics() == asWritten(metrics))
    }
    let read = try description.node()
    check(read)
    try must(Description(protobuf: Description(read).protobufBytes()).node() == asWritten(read))
}

private func secrets(_ request: SecretsRequest) throws {
    let references = try request.references()
    guard let attempt = AttemptID(parsing: request.attempt) else { return }
    let recipient = SecretRecipient(
        task: TaskID(time: Timestamp(microseconds: 0), random: 1), attempt: attempt,
        project: request.project, node: "", peer: "")
    try must(SecretsRequest(references, for: recipient).references() == references)
}

/// As `precondition`, which takes nothing that throws.
private func must(_ holds: @autoclosure () throws -> Bool) throws {
    let holds = try holds()
    precondition(holds)
}

/// A hundred such machines can be added up.
private func check(_ node: Node) {
    precondition(node.fault == nil)
    var sum = Int64(0)
    for _ in 0..<100 {
        sum += node.capacity.memory.bytes + node.capacity.disk.bytes + node.capacity.cpuMillis
    }
    precondition(sum >= 0)
    _ = node.registeredAt.description
}

/// Times are written to the millisecond.
private func asWritten(_ node: Node) -> Node {
    var node = node
    node.registeredAt = asWritten(node.registeredAt)
    node.metrics = node.metrics.map(asWritten)
    return node
}

private func asWritten(_ metrics: NodeMetrics) -> NodeMetrics {
    var metrics = metrics
    metrics.takenAt = asWritten(metrics.takenAt)
    return metrics
}

private func asWritten(_ time: Timestamp) -> Timestamp {
    Timestamp(microseconds: time.microseconds / 1000 * 1000)
}

/// It can be added to a time of either clock.
private func count(_ duration: Duration) {
    _ = MonotonicInstant(nanoseconds: 0).advanced(by: duration)
    _ = Timestamp(microseconds: 0).advanced(by: duration).description
}

private func require<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("what was understood is nothing when it is sent on") }
    return value
}
