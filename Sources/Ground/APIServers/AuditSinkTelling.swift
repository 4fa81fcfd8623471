public import Telemetry

extension AuditSink {
    /// Records what was done. Where that fails the log has it: the change is done, and to refuse the answer would not undo it; a stop
    /// must work on a full disk.
    public func record(_ record: AuditRecord, orTell logger: Logger) async {
        do {
            try await self.record(record)
        } catch {
            logger.error(
                "an audit record could not be stored",
                [
                    "error": .text("\(error)"), "principal": .text(record.principal),
                    "action": .text(record.action), "resource": .text(record.resource),
                    "outcome": .text(record.outcome.rawValue), "request": .text(record.requestID),
                ])
        }
    }
}
