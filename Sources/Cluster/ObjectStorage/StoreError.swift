/// Why a store does not do something that was asked for rightly.
public enum StoreError: Error, Hashable, Sendable {
    case noBucket
    case noObject
    case bucketExists(project: String)
    case bucketNotEmpty
    /// What was expected of the object does not hold.
    case conditionFailed
    /// The disk has no room.
    case full
}
