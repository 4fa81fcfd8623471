import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages

// Object lock: what keeps versions from being removed.
extension ObjectServer {
    private static let notLocking = S3Error(.invalidRequest, "Bucket is missing Object Lock Configuration")

    func bucketLock(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getBucketObjectLockConfiguration
        let bucket = try await bucket(call, isReading ? .read : .manage)
        guard !isReading else {
            guard let lock = bucket.settings.lock else {
                throw S3Error(
                    .objectLockConfigurationNotFound,
                    "Object Lock configuration does not exist for this bucket")
            }
            return .xml(LockDocument.configuration(lock))
        }
        let lock = try LockDocument.readConfiguration(try await call.document())
        try await store.updateBucket(bucket.name) { settings in
            guard settings.versioning == .enabled else {
                throw S3Error(
                    .invalidBucketState,
                    "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
            }
            settings.lock = lock
        }
        return HTTPResponse(.ok)
    }

    func objectRetention(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getObjectRetention
        let bucket = try await bucket(call, isReading ? .read : .write)
        guard bucket.settings.lock != nil else { throw Self.notLocking }
        let (key, version) = (try call.key(), try call.version())
        guard !isReading else {
            let record = try await store.object(key, version: version, in: bucket.name)
            guard let retention = record.attributes.lock?.retention else {
                throw S3Error(
                    .noSuchObjectLockConfiguration,
                    "The specified object does not have a ObjectLock configuration")
            }
            return .xml(LockDocument.retention(retention))
        }
        let retention = try LockDocument.readRetention(try await call.document())
        let now = environment.wallClock.now
        if let retention, retention.until <= now {
            throw S3Error(.invalidArgument, "The retain until date must be in the future!")
        }
        let bypasses = try await bypassesGovernance(call, key, in: bucket)
        try await store.update(key, version, in: bucket.name) { record in
            var lock = record.attributes.lock ?? ObjectLock()
            guard lock.allows(retention, at: now, bypasses: bypasses) else { throw Self.locked }
            lock.retention = retention
            record.attributes.lock = lock.isEmpty ? nil : lock
        }
        return HTTPResponse(.ok)
    }

    func objectHold(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getObjectLegalHold
        let bucket = try await bucket(call, isReading ? .read : .write)
        guard bucket.settings.lock != nil else { throw Self.notLocking }
        let (key, version) = (try call.key(), try call.version())
        guard !isReading else {
            let record = try await store.object(key, version: version, in: bucket.name)
            guard let lock = record.attributes.lock else {
                throw S3Error(
                    .noSuchObjectLockConfiguration,
                    "The specified object does not have a ObjectLock configuration")
            }
            return .xml(LockDocument.hold(lock.isHeld))
        }
        let isHeld = try LockDocument.readHold(try await call.document())
        try await store.update(key, version, in: bucket.name) { record in
            var lock = record.attributes.lock ?? ObjectLock()
            lock.isHeld = isHeld
            record.attributes.lock = lock
        }
        return HTTPResponse(.ok)
    }

    static let locked = S3Error(
        .accessDenied, "Access Denied because object protected by object lock.")

    /// Whether the caller says that governance is to be bypassed, and may: whoever manages, or whom a policy lets.
    func bypassesGovernance(_ call: S3Call, _ key: ObjectKey, in bucket: BucketRecord) async throws -> Bool {
        guard call.fields["x-amz-bypass-governance-retention"]?.lowercased() == "true" else { return false }
        do {
            try await authorize(
                call, AccessNeed(permission: .manage, action: "s3:BypassGovernanceRetention", key: key.text),
                in: bucket)
            return true
        } catch let error as S3Error where error.code == .accessDenied {
            return false
        }
    }

    /// What the fields of a request, or the bucket, keep a new object by.
    func newLock(_ fields: HTTPFields, in bucket: BucketRecord) throws(S3Error) -> ObjectLock? {
        let (mode, until, hold) = (
            fields["x-amz-object-lock-mode"], fields["x-amz-object-lock-retain-until-date"],
            fields["x-amz-object-lock-legal-hold"]
        )
        guard let settings = bucket.settings.lock else {
            guard mode == nil, until == nil, hold == nil else { throw Self.notLocking }
            return nil
        }
        let now = environment.wallClock.now
        var lock = ObjectLock(retention: settings.rule?.retention(at: now))
        if mode != nil || until != nil {
            guard let mode, let until else {
                throw S3Error(
                    .invalidArgument,
                    "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied")
            }
            guard let known = ObjectLock.Mode(rawValue: mode) else {
                throw S3Error(.invalidArgument, "Unknown wormMode directive.")
            }
            guard let time = Timestamp(parsing: until) else {
                throw S3Error(.invalidArgument, "The retain until date is no date.")
            }
            guard time > now else {
                throw S3Error(.invalidArgument, "The retain until date must be in the future!")
            }
            lock.retention = ObjectLock.Retention(known, until: time)
        }
        switch hold {
        case nil, "OFF"?: break
        case "ON"?: lock.isHeld = true
        default: throw S3Error(.invalidArgument, "Legal Hold must be either of 'ON' or 'OFF'")
        }
        return lock.isEmpty ? nil : lock
    }

    /// Says what keeps an object.
    static func tell(_ lock: ObjectLock?, _ fields: inout HTTPFields) {
        guard let lock else { return }
        if let retention = lock.retention {
            fields["x-amz-object-lock-mode"] = retention.mode.rawValue
            fields["x-amz-object-lock-retain-until-date"] = retention.until.description
        }
        fields["x-amz-object-lock-legal-hold"] = lock.isHeld ? "ON" : "OFF"
    }
}
