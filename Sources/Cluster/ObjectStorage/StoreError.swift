public import ObjectModel

/// Why a store does not do something that was asked for rightly.
public enum StoreError: Error, Hashable, Sendable {
    case noBucket
    case noObject
    /// What is there says that the object was removed.
    ///
    /// - isNamed: whether that version was asked for.
    case removed(ObjectVersion, isNamed: Bool)
    case noVersion
    case bucketExists(project: String)
    case bucketNotEmpty
    /// What was expected of the object does not hold.
    case conditionFailed
    case noUpload
    /// A part that is named was not uploaded, or is another.
    case noPart
    case partsOutOfOrder
    /// A part, other than the last, is smaller than parts may be.
    case partTooSmall
    /// A version is kept from being removed.
    case locked
    /// The bytes are hidden by a key that was not given.
    case keyMissing
    /// There would be more than there may be.
    case quota(ObjectQuota.Subject, ObjectQuota.Excess)
    /// The disk has no room.
    case full
}
