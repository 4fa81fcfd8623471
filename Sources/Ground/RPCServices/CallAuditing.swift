import APIServers
import Core
import Identity
import RPCModel
import Telemetry

/// Records every call that changes something, or tried to, before it is answered; and all that are refused, those of nobody known
/// at a bounded rate.
struct CallAuditing: Sendable {
    let sink: any AuditSink
    let refusals: RefusalLimit
    let clock: any WallClock
    let logger: Logger

    func record(_ call: EndedCall) async {
        switch call.failure?.kind {
        case .unauthenticated: await recordRefusal(call)
        case .denied: await sink.record(record(of: call), orTell: logger)
        default: if call.rule.kind == .change { await sink.record(record(of: call), orTell: logger) }
        }
    }

    private func recordRefusal(_ call: EndedCall) async {
        guard let leftOut = refusals.take() else { return }
        var record = record(of: call)
        if leftOut > 0 {
            record.reason = "\(record.reason ?? ""); \(leftOut) like it before were not recorded"
        }
        await sink.record(record, orTell: logger)
    }

    private func record(of call: EndedCall) -> AuditRecord {
        AuditRecord(
            time: call.time, principal: call.note.principal ?? "anonymous", action: call.rule.action,
            resource: String((call.note.resource ?? call.context.path).prefix(1024)),
            outcome: outcome(call.failure),
            reason: call.failure.map {
                "\($0.code.name): \($0.kind == .internal ? "" : $0.message.prefix(256))"
            },
            requestID: call.context.requestID, peer: call.peer)
    }

    private func outcome(_ failure: RPCError?) -> AuditRecord.Outcome {
        switch failure?.kind {
        case nil: .succeeded
        case .unauthenticated, .denied, .exhausted: .denied
        default: .failed
        }
    }
}
