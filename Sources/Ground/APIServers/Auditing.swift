import Core
import HTTPModel
import HTTPRouting
import Identity
import Telemetry

/// Records every call that changes something or reads a secret, or tried to, before it is answered; and those that were refused because
/// nobody known asked, at a bounded rate: whoever guesses must not fill the disk.
final class Auditing: Sendable {
    /// Reads that somebody may have to answer for, and changes that come by GET: login links, programs over WebSockets.
    private static let recordedReads: Set<String> = ["getSecretValue", "logInBrowserOnce", "execTask"]

    private let sink: any AuditSink
    private let environment: Environment
    private let credential: @Sendable (HTTPRequest, Timestamp) throws -> Credential?
    private let logger: Logger
    private let refusals: RefusalLimit

    init(
        sink: any AuditSink, environment: Environment, logger: Logger, refusals: RefusalLimit,
        credential: @escaping @Sendable (HTTPRequest, Timestamp) throws -> Credential?
    ) {
        self.sink = sink
        self.environment = environment
        self.logger = logger
        self.credential = credential
        self.refusals = refusals
    }

    var middleware: Middleware {
        Middleware { [self] request, info, next in
            guard request.method.isSafe, !Self.recordedReads.contains(info.operation ?? "") else {
                return await audited(request, info, next)
            }
            // Why a certificate was refused is in no field of the request.
            let note = request.certificate == nil ? nil : AuditNote()
            let response =
                note == nil
                ? await next(request, info)
                : await AuditNote.$current.withValue(note) { await next(request, info) }
            if response.status == .unauthorized, !info.isOpen {
                await recordRefusal(of: request, info, response, note: note, at: environment.wallClock.now)
            }
            return response
        }
    }

    private func audited(_ request: HTTPRequest, _ info: RequestInfo, _ next: Responder) async -> HTTPResponse
    {
        let time = environment.wallClock.now
        // Before it is carried out: a logout ends what it was asked with.
        let principal = principal(of: request, at: time)
        let note = AuditNote()
        let response = await AuditNote.$current.withValue(note) { await next(request, info) }
        if response.status == .unauthorized || note.text.failure != nil || response.status == .tooManyRequests
        {
            await recordRefusal(of: request, info, response, note: note, at: time)
        } else {
            await sink.record(record(of: request, info, response, note, principal, at: time), orTell: logger)
        }
        return response
    }

    private func recordRefusal(
        of request: HTTPRequest, _ info: RequestInfo, _ response: HTTPResponse, note: AuditNote?,
        at time: Timestamp
    ) async {
        guard let leftOut = refusals.take() else { return }
        var record = record(of: request, info, response, note, "anonymous", at: time)
        if leftOut > 0 {
            record.reason = "\(record.reason ?? ""); \(leftOut) like it before were not recorded"
        }
        await sink.record(record, orTell: logger)
    }

    private func record(
        of request: HTTPRequest, _ info: RequestInfo, _ response: HTTPResponse, _ note: AuditNote?,
        _ principal: String, at time: Timestamp
    ) -> AuditRecord {
        let text = note?.text
        return AuditRecord(
            time: time, principal: text?.principal ?? principal,
            action: info.operation ?? request.method.rawValue,
            resource: text?.resource ?? String(request.path.prefix(1024)),
            outcome: text?.failure == nil ? outcome(response.status) : .denied,
            reason: reason(text, response.status),
            requestID: info.requestID, peer: request.peer)
    }

    private func reason(_ text: AuditNote.Text?, _ status: HTTPStatus) -> String? {
        if let failure = text?.failure { return failure }
        let parts = [status.rawValue < 400 ? nil : status.description, text?.detail].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    private func principal(of request: HTTPRequest, at time: Timestamp) -> String {
        do {
            return try credential(request, time)?.principal.description ?? "anonymous"
        } catch {
            return "anonymous"  // The record says who asked; that they could not prove it is its outcome.
        }
    }

    private func outcome(_ status: HTTPStatus) -> AuditRecord.Outcome {
        switch status.rawValue {
        case ..<400: .succeeded
        case 401, 403, 429: .denied
        default: .failed
        }
    }
}
