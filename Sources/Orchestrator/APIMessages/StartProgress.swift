/// What starting a task is busy with.
public struct StartProgress: Hashable, Sendable, Codable {
    /// For people: `pulling busybox:1.36`.
    public var activity: String
    public var completedBytes: Int64?
    public var totalBytes: Int64?

    public init(activity: String, completedBytes: Int64?, totalBytes: Int64?) {
        self.activity = activity
        self.completedBytes = completedBytes
        self.totalBytes = totalBytes
    }
}
