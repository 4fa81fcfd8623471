public import ClusterModel
public import Documents

/// When a cron job runs, and what becomes of its runs.
public struct CronPolicy: Hashable, Sendable, Codable {
    /// What happens when it is time for a run and the one before is not over.
    public enum Concurrency: String, Hashable, Sendable, Codable, CaseIterable {
        /// Both run.
        case allow
        /// There is no run this time.
        case forbid
        /// The one before is stopped; when it is over the new one begins.
        case replace
    }

    /// Five fields as cron has them, or a name such as `@daily`.
    public var schedule: String
    /// A name of the IANA database.
    public var timeZone: String
    public var concurrency: Concurrency
    /// How long after its time a run that was missed, because the platform was not there, is begun.
    public var catchUp: Seconds
    /// How many runs that completed are kept, and how many others.
    public var keepCompleted: Int
    public var keepFailed: Int

    public init(
        schedule: String, timeZone: String = "UTC", concurrency: Concurrency = .forbid,
        catchUp: Seconds = Seconds(3600), keepCompleted: Int = 3, keepFailed: Int = 3
    ) {
        self.schedule = schedule
        self.timeZone = timeZone
        self.concurrency = concurrency
        self.catchUp = catchUp
        self.keepCompleted = keepCompleted
        self.keepFailed = keepFailed
    }
}

extension CronPolicy: SchemaProviding {
    public static var schema: Schema {
        .object(
            "When a cron job runs, and what becomes of its runs.",
            [
                .required(
                    "schedule", .string(1...256),
                    "minute hour day-of-month month day-of-week, such as '30 2 * * mon-fri'; or @hourly, @daily, @weekly, @monthly, @yearly."
                ),
                .optional(
                    "timeZone", .string(1...64), default: "UTC",
                    "Whose clocks the schedule goes by: a name such as Europe/Berlin."),
                .optional(
                    "concurrency", .values(Concurrency.self), default: "forbid",
                    "When the run before is not over: allow both, forbid the new one, or replace the old one."
                ),
                .optional(
                    "catchUp", .seconds(1...604_800), default: 3600,
                    "How long after its time a run is begun that was missed because the platform was not there."
                ),
                .optional(
                    "keepCompleted", .integer(0...100), default: 3,
                    "How many runs that completed are kept, with their tasks and their output."),
                .optional("keepFailed", .integer(0...100), default: 3, "How many others are kept."),
            ])
    }
}
