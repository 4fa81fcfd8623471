/// The keys of conditions that requests have values for.
enum PolicyKeys {
    private static let all: Set<String> = [
        "aws:currenttime", "aws:epochtime", "aws:referer", "aws:securetransport", "aws:sourceip",
        "aws:useragent",
        "aws:userid", "aws:username", "aws:principaltype", "s3:authtype", "s3:delimiter", "s3:max-keys",
        "s3:prefix",
        "s3:signatureversion", "s3:versionid", "s3:locationconstraint", "s3:requestobjecttagkeys",
    ]

    /// A key that is not would make a denial that never is in force.
    static func isKnown(_ key: String) -> Bool {
        let key = key.lowercased()
        return all.contains(key) || key.hasPrefix("s3:x-amz-") || key.hasPrefix("s3:existingobjecttag/")
            || key.hasPrefix("s3:requestobjecttag/")
    }
}
