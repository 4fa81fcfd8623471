import Core
import HTTPModel
import ObjectModel
import S3Signatures

/// What conditions of policies can be about, of one request.
struct PolicyContext {
    /// By keys in lower case.
    private(set) var values: [String: [String]] = [:]

    init(_ call: S3Call, _ need: AccessNeed, isSecure: Bool, at now: Timestamp) {
        let (fields, query) = (call.fields, call.query)
        values["aws:currenttime"] = [now.description]
        values["aws:epochtime"] = ["\(now.microseconds / 1_000_000)"]
        values["aws:securetransport"] = ["\(isSecure)"]
        values["aws:sourceip"] = Self.address(call.request.peer).map { [$0] }
        values["aws:referer"] = fields["Referer"].map { [$0] }
        values["aws:useragent"] = fields["User-Agent"].map { [$0] }
        values["aws:principaltype"] = [call.caller.name == nil ? "Anonymous" : "User"]
        if let name = call.caller.name {
            values["aws:username"] = [name]
            values["aws:userid"] = [name]
        }
        if let signature = call.caller.signature {
            values["s3:authtype"] = [signature.place == .field ? "REST-HEADER" : "REST-QUERY-STRING"]
            values["s3:signatureversion"] = [RequestSignature.algorithm]
        }
        if need.key == nil {
            values["s3:prefix"] = [need.prefix ?? query["prefix"] ?? ""]
            values["s3:delimiter"] = query["delimiter"].map { [$0] }
            values["s3:max-keys"] = query["max-keys"].map { [$0] }
        }
        if let version = need.version { values["s3:versionid"] = [version.text] }
        for line in fields.lines {
            let name = line.name.lowercased()
            if name.hasPrefix("x-amz-") { values["s3:\(name)", default: []].append(line.value) }
        }
        for tag in need.tags { values["s3:requestobjecttag/\(tag.name.lowercased())"] = [tag.value] }
        if !need.tags.isEmpty { values["s3:requestobjecttagkeys"] = need.tags.map(\.name) }
    }

    /// Of a peer's address and port the address.
    private static func address(_ peer: String) -> String? {
        guard let colon = peer.lastIndex(of: ":") else { return nil }
        return peer[..<colon].filter { $0 != "[" && $0 != "]" }
    }
}
