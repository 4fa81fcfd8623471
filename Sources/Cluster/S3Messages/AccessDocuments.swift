public import ObjectModel

/// Access lists, asked and answered.
public enum AccessDocument {
    private static let everyone = "http://acs.amazonaws.com/groups/global/AllUsers"
    private static let authenticated = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"

    public static func document(_ list: AccessList, owner: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("AccessControlPolicy", namespace: XMLWriter.namespace) { writer in
            ListDocuments.owner(owner, &writer)
            writer.element("AccessControlList") { writer in
                // Groups first: some clients look at the first grantee alone.
                for grant in list.grants where grant.isPublic { self.grant(grant, &writer) }
                for grant in list.grants where !grant.isPublic { self.grant(grant, &writer) }
            }
        }
        return writer.bytes
    }

    private static func grant(_ grant: AccessList.Grant, _ writer: inout XMLWriter) {
        // The type stands in an attribute, which clients look for.
        let attributes = { (type: String) in
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"\(type)\""
        }
        writer.element("Grant") { writer in
            switch grant.grantee {
            case .principal(let name):
                writer.element("Grantee", attributes: attributes("CanonicalUser")) { writer in
                    writer.element("ID", name)
                    writer.element("DisplayName", name)
                }
            case .everyone:
                writer.element("Grantee", attributes: attributes("Group")) { $0.element("URI", everyone) }
            case .authenticated:
                writer.element("Grantee", attributes: attributes("Group")) {
                    $0.element("URI", authenticated)
                }
            }
            writer.element("Permission", grant.permission.rawValue)
        }
    }

    /// Reads a list whose owner has to be `owner`.
    ///
    /// - Parameter isKnown: whether there is a principal of this name.
    public static func read(
        _ bytes: [UInt8], owner: String, isKnown: (String) -> Bool
    ) throws(S3Error) -> AccessList {
        let root = try RequestDocument.read(bytes, "AccessControlPolicy")
        guard let list = root["AccessControlList"] else { throw RequestDocument.malformed }
        if let named = root["Owner"]?["ID"]?.text, named != owner {
            throw S3Error(.accessDenied, "Access Denied: the owner cannot be changed")
        }
        var grants: [AccessList.Grant] = []
        for node in list.all("Grant") {
            guard let grantee = node["Grantee"],
                let permission = node["Permission"].flatMap({ AccessList.Permission(rawValue: $0.text) })
            else { throw RequestDocument.malformed }
            grants.append(.init(try self.grantee(grantee, isKnown), permission))
        }
        return try checked(grants)
    }

    private static func grantee(
        _ node: XMLNode, _ isKnown: (String) -> Bool
    ) throws(S3Error) -> AccessList.Grantee {
        if let id = node["ID"]?.text { return try grantee("id", id, isKnown) }
        if let uri = node["URI"]?.text { return try grantee("uri", uri, isKnown) }
        if let address = node["EmailAddress"]?.text { return try grantee("emailAddress", address, isKnown) }
        throw RequestDocument.malformed
    }

    private static func grantee(
        _ kind: String, _ value: String, _ isKnown: (String) -> Bool
    ) throws(S3Error) -> AccessList.Grantee {
        switch (kind, value) {
        case ("uri", everyone): return .everyone
        case ("uri", authenticated): return .authenticated
        case ("uri", _): throw S3Error(.invalidArgument, "Invalid group uri")
        case ("id", let name):
            guard isKnown(name) else { throw S3Error(.invalidArgument, "Invalid id") }
            return .principal(name)
        case ("emailAddress", _):
            throw S3Error(
                .unresolvableGrantByEmailAddress,
                "People have no addresses of mail here: name them by their id.")
        default: throw S3Error(.invalidArgument, "Argument format not recognized")
        }
    }

    /// Reads the value of a field such as `x-amz-grant-read`: `id="ann", uri="…"`.
    public static func grants(
        _ text: String, _ permission: AccessList.Permission, isKnown: (String) -> Bool
    ) throws(S3Error) -> [AccessList.Grant] {
        var grants: [AccessList.Grant] = []
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else {
                throw S3Error(.invalidArgument, "Argument format not recognized")
            }
            let bare = sides.map { side in side.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
            grants.append(.init(try grantee(bare[0], bare[1], isKnown), permission))
        }
        return grants
    }

    public static func checked(_ grants: [AccessList.Grant]) throws(S3Error) -> AccessList {
        guard grants.count <= AccessList.maximumGrants else {
            throw S3Error(.invalidRequest, "A list has \(AccessList.maximumGrants) grants at most.")
        }
        return AccessList(grants)
    }
}

/// Whose the objects of others are.
public enum OwnershipDocument {
    public static func document(_ ownership: ObjectOwnership) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("OwnershipControls", namespace: XMLWriter.namespace) { writer in
            writer.element("Rule") { $0.element("ObjectOwnership", ownership.rawValue) }
        }
        return writer.bytes
    }

    public static func read(_ bytes: [UInt8]) throws(S3Error) -> ObjectOwnership {
        let rules = try RequestDocument.read(bytes, "OwnershipControls").all("Rule")
        guard rules.count == 1,
            let ownership = rules[0]["ObjectOwnership"].flatMap({ ObjectOwnership(rawValue: $0.text) })
        else { throw RequestDocument.malformed }
        return ownership
    }
}

/// What keeps a bucket from being open to everybody, and whether its policy opens it.
public enum PublicAccessDocument {
    public static func document(_ block: PublicAccessBlock) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("PublicAccessBlockConfiguration", namespace: XMLWriter.namespace) { writer in
            writer.element("BlockPublicAcls", block.refusesLists)
            writer.element("IgnorePublicAcls", block.ignoresLists)
            writer.element("BlockPublicPolicy", block.refusesPolicies)
            writer.element("RestrictPublicBuckets", block.ignoresPolicy)
        }
        return writer.bytes
    }

    public static func read(_ bytes: [UInt8]) throws(S3Error) -> PublicAccessBlock {
        let root = try RequestDocument.read(bytes, "PublicAccessBlockConfiguration")
        let flag = { (name: String) in root[name]?.text.lowercased() == "true" }
        return PublicAccessBlock(
            refusesLists: flag("BlockPublicAcls"), ignoresLists: flag("IgnorePublicAcls"),
            refusesPolicies: flag("BlockPublicPolicy"), ignoresPolicy: flag("RestrictPublicBuckets"))
    }

    public static func status(isPublic: Bool) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("PolicyStatus", namespace: XMLWriter.namespace) { $0.element("IsPublic", isPublic) }
        return writer.bytes
    }
}
