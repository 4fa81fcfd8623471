import Core
public import ObjectModel

/// What of object lock is asked and answered.
public enum LockDocument {
    public static func configuration(_ lock: BucketLock) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("ObjectLockConfiguration", namespace: XMLWriter.namespace) { writer in
            writer.element("ObjectLockEnabled", "Enabled")
            guard let rule = lock.rule else { return }
            writer.element("Rule") { writer in
                writer.element("DefaultRetention") { writer in
                    writer.element("Mode", rule.mode.rawValue)
                    switch rule.period {
                    case .days(let days): writer.element("Days", Int64(days))
                    case .years(let years): writer.element("Years", Int64(years))
                    }
                }
            }
        }
        return writer.bytes
    }

    public static func readConfiguration(_ bytes: [UInt8]) throws(S3Error) -> BucketLock {
        let root = try RequestDocument.read(bytes, "ObjectLockConfiguration")
        guard root["ObjectLockEnabled"]?.text == "Enabled" else { throw RequestDocument.malformed }
        guard let rule = root["Rule"] else { return BucketLock() }
        guard let retention = rule["DefaultRetention"],
            let mode = retention["Mode"].flatMap({ ObjectLock.Mode(rawValue: $0.text) })
        else { throw RequestDocument.malformed }
        let (days, years) = (retention["Days"]?.text, retention["Years"]?.text)
        guard (days == nil) != (years == nil), let number = Int(days ?? years ?? "") else {
            throw RequestDocument.malformed
        }
        guard number > 0, number <= (days == nil ? 100 : 36_500) else {
            throw S3Error(
                .invalidRetentionPeriod, "Default retention period must be a positive integer value")
        }
        return BucketLock(rule: LockRule(mode, days == nil ? .years(number) : .days(number)))
    }

    public static func retention(_ retention: ObjectLock.Retention) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("Retention", namespace: XMLWriter.namespace) { writer in
            writer.element("Mode", retention.mode.rawValue)
            writer.element("RetainUntilDate", retention.until.description)
        }
        return writer.bytes
    }

    /// Nil where it says that nothing is kept.
    public static func readRetention(_ bytes: [UInt8]) throws(S3Error) -> ObjectLock.Retention? {
        let root = try RequestDocument.read(bytes, "Retention")
        guard !root.children.isEmpty else { return nil }
        guard let mode = root["Mode"].flatMap({ ObjectLock.Mode(rawValue: $0.text) }),
            let until = root["RetainUntilDate"].flatMap({ Timestamp(parsing: $0.text) })
        else { throw RequestDocument.malformed }
        return ObjectLock.Retention(mode, until: until)
    }

    public static func hold(_ isHeld: Bool) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("LegalHold", namespace: XMLWriter.namespace) {
            $0.element("Status", isHeld ? "ON" : "OFF")
        }
        return writer.bytes
    }

    public static func readHold(_ bytes: [UInt8]) throws(S3Error) -> Bool {
        switch try RequestDocument.read(bytes, "LegalHold")["Status"]?.text {
        case "ON": return true
        case "OFF": return false
        default: throw RequestDocument.malformed
        }
    }
}
