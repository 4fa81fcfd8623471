/// What one probe came to.
public struct ProbeResult: Hashable, Sendable {
    public var isGood: Bool
    /// What was asked and found, for people: `GET :8080/health answered 503`.
    public var text: String

    public init(isGood: Bool, _ text: String) {
        self.isGood = isGood
        self.text = text
    }
}
