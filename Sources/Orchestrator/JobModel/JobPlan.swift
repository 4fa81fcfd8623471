public import Core
public import Documents

/// What would come of running a job, found without doing it.
public struct JobPlan: Hashable, Sendable, Codable {
    public enum Action: String, Hashable, Sendable, Codable, CaseIterable {
        /// There is no such job yet.
        case create
        /// It would get a new version.
        case update
        /// It is as it is asked for, but over or stopped: it would run again.
        case again
        /// It is as it is asked for.
        case nothing
    }

    /// A field that would change, as JSON on both sides; nil where it is not there.
    public struct Difference: Hashable, Sendable, Codable {
        /// Such as `tasks[web].image`.
        public var path: String
        public var before: String?
        public var after: String?

        public init(path: String, before: String?, after: String?) {
            self.path = path
            self.before = before
            self.after = after
        }
    }

    /// What would become of the instances of one task.
    public struct Group: Hashable, Sendable, Codable {
        public var name: String
        /// How many there are, and how many there are to be.
        public var now: Int
        public var wanted: Int
        /// How many are new beside the others, take the place of old ones, are stopped for good, and stay as they are.
        public var created: Int
        public var replaced: Int
        public var stopped: Int
        public var kept: Int
        /// How many are made later: the work before them has to be done, or `parallelism` allows no more at once.
        public var later: Int

        public init(name: String, now: Int, wanted: Int) {
            self.name = name
            self.now = now
            self.wanted = wanted
            (created, replaced, stopped, kept, later) = (0, 0, 0, 0, 0)
        }
    }

    /// One instance that would be made.
    public struct Placement: Hashable, Sendable, Codable {
        public var task: String
        public var index: Int
        /// Where it would run; nil where it would wait.
        public var node: String?
        /// Why it would wait.
        public var reason: String?
        /// Tasks of less priority that would have to go.
        public var evicts: [String]

        public init(task: String, index: Int, node: String?, reason: String?, evicts: [String] = []) {
            self.task = task
            self.index = index
            self.node = node
            self.reason = reason
            self.evicts = evicts
        }
    }

    /// One instance that would be stopped.
    public struct Stop: Hashable, Sendable, Codable {
        public var name: String
        public var task: String
        public var index: Int
        public var node: String?
        public var reason: String

        public init(name: String, task: String, index: Int, node: String?, reason: String) {
            self.name = name
            self.task = task
            self.index = index
            self.node = node
            self.reason = reason
        }
    }

    public var job: String
    public var action: Action
    /// The version it has, nil for a new one; and the one it would have.
    public var version: Int?
    public var nextVersion: Int
    public var differences: [Difference]
    public var groups: [Group]
    /// In the order in which they would be made.
    public var placements: [Placement]
    public var stops: [Stop]
    /// When a cron job would run next.
    public var nextRuns: [Timestamp]
    /// What else there is to say.
    public var notes: [String]

    /// Whether running the job would change anything.
    public var changes: Bool { action != .nothing }

    public init(job: String, action: Action, version: Int?, nextVersion: Int) {
        self.job = job
        self.action = action
        self.version = version
        self.nextVersion = nextVersion
        (differences, groups, placements, stops, nextRuns, notes) = ([], [], [], [], [], [])
    }
}

extension JobPlan: SchemaProviding {
    public static var schema: Schema {
        .object(
            "What would come of running a job.",
            [
                .required("job", .string(.name)),
                .required(
                    "action", .values(Action.self),
                    "Whether it would be new, get a new version, run again as it is, or stay as it is."),
                .optional("version", .integer(1...), "The version it has."),
                .required("nextVersion", .integer(1...), "The version it would have."),
                .required("differences", .array(.of(Difference.self)), "Fields that would change."),
                .required(
                    "groups", .array(.of(Group.self)), "What would become of the instances of each task."),
                .required(
                    "placements", .array(.of(Placement.self)),
                    "Instances that would be made, and where, of the first \(1000)."),
                .required(
                    "stops", .array(.of(Stop.self)), "Instances that would be stopped, of the first \(1000)."),
                .required("nextRuns", .array(.string(.timestamp)), "When a cron job would run next."),
                .required("notes", .array(.string), "What else there is to say."),
            ])
    }
}

extension JobPlan.Difference: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A field that would change.",
            [
                .required("path", .string, "Such as tasks[web].image."),
                .optional("before", .string, "As JSON."), .optional("after", .string, "As JSON."),
            ])
    }
}

extension JobPlan.Group: SchemaProviding {
    public static var schema: Schema {
        .object(
            "What would become of the instances of one task.",
            [
                .required("name", .string(.name)), .required("now", .integer(0...)),
                .required("wanted", .integer(0...)), .required("created", .integer(0...)),
                .required("replaced", .integer(0...)), .required("stopped", .integer(0...)),
                .required("kept", .integer(0...)),
                .required("later", .integer(0...), "Made when the work before them is done."),
            ])
    }
}

extension JobPlan.Placement: SchemaProviding {
    public static var schema: Schema {
        .object(
            "An instance that would be made.",
            [
                .required("task", .string(.name)), .required("index", .integer(0...)),
                .optional("node", .string, "Where it would run; left out where it would wait."),
                .optional("reason", .string, "Why it would wait."),
                .required("evicts", .array(.string), "Tasks of less priority that would have to go."),
            ])
    }
}

extension JobPlan.Stop: SchemaProviding {
    public static var schema: Schema {
        .object(
            "An instance that would be stopped.",
            [
                .required("name", .string(.name)), .required("task", .string(.name)),
                .required("index", .integer(0...)), .optional("node", .string), .required("reason", .string),
            ])
    }
}
