import Core
import HTTPModel
import HTTPRouting
import Identity
import Telemetry

/// Records every call that changes something, or tried to, before it is answered.
struct Auditing: Sendable {
    let sink: any AuditSink
    let clock: any WallClock
    let access: AccessControl
    let logger: Logger

    var middleware: Middleware {
        Middleware { request, info, next in
            guard changes(request) else { return await next(request, info) }
            let time = clock.now
            let response = await next(request, info)
            let record = AuditRecord(
                time: time, principal: principal(of: request, at: time),
                action: info.operation ?? request.method.rawValue,
                resource: String(request.path.prefix(1024)),
                outcome: outcome(response.status),
                reason: response.status.rawValue < 400 ? nil : response.status.description,
                requestID: info.requestID, peer: request.peer)
            do {
                try await sink.record(record)
            } catch {
                // The change is done. Refusing the answer would not undo it; a stop must work on a full disk.
                logger.error(
                    "an audit record could not be stored",
                    [
                        "error": .text("\(error)"), "principal": .text(record.principal),
                        "action": .text(record.action), "resource": .text(record.resource),
                        "outcome": .text(record.outcome.rawValue), "request": .text(info.requestID),
                    ])
            }
            return response
        }
    }

    private func changes(_ request: HTTPRequest) -> Bool {
        switch request.method {
        case .get, .head, .options: false
        default: true
        }
    }

    private func principal(of request: HTTPRequest, at time: Timestamp) -> String {
        do {
            return try access.authenticate(authorization: request.fields["Authorization"], at: time)
                .description
        } catch {
            return "anonymous"  // The record says who asked; that they could not prove it is its outcome.
        }
    }

    private func outcome(_ status: HTTPStatus) -> AuditRecord.Outcome {
        switch status.rawValue {
        case ..<400: .succeeded
        case 401, 403: .denied
        default: .failed
        }
    }
}
