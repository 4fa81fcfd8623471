import Core
public import ObjectModel

/// When objects of a bucket go by themselves, asked and answered.
public enum LifecycleDocument {
    public static func document(_ rules: [LifecycleRule]) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("LifecycleConfiguration", namespace: XMLWriter.namespace) { writer in
            for rule in rules { writer.element("Rule") { self.rule(rule, &$0) } }
        }
        return writer.bytes
    }

    private static func rule(_ rule: LifecycleRule, _ writer: inout XMLWriter) {
        writer.element("ID", rule.id)
        if rule.hasOldForm { writer.element("Prefix", rule.prefix) } else { filter(rule, &writer) }
        writer.element("Status", rule.isEnabled ? "Enabled" : "Disabled")
        if rule.days != nil || rule.date != nil || rule.removesLoneMarkers {
            writer.element("Expiration") { writer in
                if let days = rule.days { writer.element("Days", Int64(days)) }
                if let date = rule.date { writer.element("Date", date.description) }
                if rule.removesLoneMarkers { writer.element("ExpiredObjectDeleteMarker", true) }
            }
        }
        if let days = rule.noncurrentDays {
            writer.element("NoncurrentVersionExpiration") { writer in
                writer.element("NoncurrentDays", Int64(days))
                if let newer = rule.newerVersions { writer.element("NewerNoncurrentVersions", Int64(newer)) }
            }
        }
        if let days = rule.abortDays {
            writer.element("AbortIncompleteMultipartUpload") {
                $0.element("DaysAfterInitiation", Int64(days))
            }
        }
    }

    private static func filter(_ rule: LifecycleRule, _ writer: inout XMLWriter) {
        let parts =
            (rule.prefix.isEmpty ? 0 : 1) + rule.tags.count + (rule.largerThan == nil ? 0 : 1)
            + (rule.smallerThan == nil ? 0 : 1)
        let write = { (writer: inout XMLWriter) in
            if !rule.prefix.isEmpty || parts == 0 { writer.element("Prefix", rule.prefix) }
            for tag in rule.tags {
                writer.element("Tag") { writer in
                    writer.element("Key", tag.name)
                    writer.element("Value", tag.value)
                }
            }
            if let size = rule.largerThan { writer.element("ObjectSizeGreaterThan", size) }
            if let size = rule.smallerThan { writer.element("ObjectSizeLessThan", size) }
        }
        writer.element("Filter") { writer in
            if parts > 1 { writer.element("And", write) } else { write(&writer) }
        }
    }

    // MARK: Reading

    /// - Parameter makeID: names a rule that has no name.
    public static func read(_ bytes: [UInt8], makeID: () -> String) throws(S3Error) -> [LifecycleRule] {
        let nodes = try RequestDocument.read(bytes, "LifecycleConfiguration").all("Rule")
        guard (1...LifecycleRule.maximum).contains(nodes.count) else { throw RequestDocument.malformed }
        var rules: [LifecycleRule] = []
        var ids: Set<String> = []
        for node in nodes {
            let rule = try rule(node, makeID)
            guard ids.insert(rule.id).inserted else {
                throw S3Error(
                    .invalidArgument, "Rule ID must be unique. Found same ID for more than one rule")
            }
            rules.append(rule)
        }
        return rules
    }

    private static func rule(_ node: XMLNode, _ makeID: () -> String) throws(S3Error) -> LifecycleRule {
        for name in ["Transition", "NoncurrentVersionTransition"] where node[name] != nil {
            throw S3Error(.notImplemented, "There is one class of storage: objects move to no other.")
        }
        let id = node["ID"]?.text ?? ""
        guard id.utf8.count <= 255 else {
            throw S3Error(.invalidArgument, "ID length should not exceed allowed limit of 255")
        }
        let isEnabled: Bool
        switch node["Status"]?.text {
        case "Enabled": isEnabled = true
        case "Disabled": isEnabled = false
        default: throw RequestDocument.malformed
        }
        var rule = LifecycleRule(id: id.isEmpty ? makeID() : id, isEnabled: isEnabled)
        if let filter = node["Filter"] {
            try read(filter["And"] ?? filter, into: &rule)
        } else {
            rule.hasOldForm = node["Prefix"] != nil
            rule.prefix = node["Prefix"]?.text ?? ""
        }
        try actions(node, &rule)
        return rule
    }

    private static func read(_ filter: XMLNode, into rule: inout LifecycleRule) throws(S3Error) {
        rule.prefix = filter["Prefix"]?.text ?? ""
        for tag in filter.all("Tag") {
            guard let name = tag["Key"]?.text, let value = tag["Value"]?.text else {
                throw RequestDocument.malformed
            }
            rule.tags.append(ObjectTag(name, value))
        }
        try TagDocument.check(rule.tags, limit: ObjectTag.maximumOfObject)
        rule.largerThan = try number(filter["ObjectSizeGreaterThan"], from: 0)
        rule.smallerThan = try number(filter["ObjectSizeLessThan"], from: 1)
    }

    private static func actions(_ node: XMLNode, _ rule: inout LifecycleRule) throws(S3Error) {
        if let expiration = node["Expiration"] {
            rule.days = try days(expiration["Days"])
            if let text = expiration["Date"]?.text {
                let time = Timestamp(parsing: text) ?? Timestamp(parsing: text + "T00:00:00Z")
                guard let time else { throw RequestDocument.malformed }
                guard time.microseconds % 86_400_000_000 == 0 else {
                    throw S3Error(.invalidArgument, "'Date' must be at midnight GMT")
                }
                rule.date = time
            }
            rule.removesLoneMarkers = expiration["ExpiredObjectDeleteMarker"]?.text.lowercased() == "true"
            let ways = [rule.days != nil, rule.date != nil, expiration["ExpiredObjectDeleteMarker"] != nil]
            guard ways.count(where: { $0 }) == 1 else { throw RequestDocument.malformed }
        }
        if let expiration = node["NoncurrentVersionExpiration"] {
            rule.newerVersions = try days(expiration["NewerNoncurrentVersions"])
            rule.noncurrentDays = try days(expiration["NoncurrentDays"] ?? expiration["Days"])
            guard rule.noncurrentDays != nil else { throw RequestDocument.malformed }
        }
        if let abort = node["AbortIncompleteMultipartUpload"] {
            rule.abortDays = try days(abort["DaysAfterInitiation"])
            guard rule.abortDays != nil else { throw RequestDocument.malformed }
            guard rule.tags.isEmpty else {
                throw S3Error(
                    .invalidRequest, "AbortIncompleteMultipartUpload cannot be specified with Tags.")
            }
        }
        guard node["Expiration"] != nil || rule.noncurrentDays != nil || rule.abortDays != nil else {
            throw S3Error(
                .invalidRequest, "At least one action needs to be specified in a rule")
        }
    }

    private static func days(_ node: XMLNode?) throws(S3Error) -> Int? {
        try number(node, from: 1).map { Int($0) }
    }

    private static func number(_ node: XMLNode?, from least: Int64) throws(S3Error) -> Int64? {
        guard let node else { return nil }
        guard let number = Int64(node.text) else { throw RequestDocument.malformed }
        guard (least...Int64(Int32.max)).contains(number) else {
            throw S3Error(.invalidArgument, "'\(node.name)' must be a positive integer")
        }
        return number
    }
}
