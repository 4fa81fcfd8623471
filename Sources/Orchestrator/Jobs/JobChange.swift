import Documents
public import JobDecisions

/// What becomes of a job: what it was and what it is, nil for none.
public struct JobChange: Sendable {
    public let before: JobWork?
    public let after: JobWork?
    /// The JSON of the job itself, if that is another than before: what is stored, told and listed, written once.
    public let json: [UInt8]?

    public init(_ before: JobWork?, _ after: JobWork?) throws {
        self.before = before
        self.after = after
        json =
            if let after, after.job != before?.job {
                try JSONWriter.bytes(encoding: after.job)
            } else {
                nil
            }
    }
}
