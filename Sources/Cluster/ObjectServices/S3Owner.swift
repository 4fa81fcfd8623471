import Identity

/// Principals as S3 names them.
enum S3Owner {
    /// Of a principal's URI: the name of a user or a service of this platform, which share their names; the whole URI of others.
    static func id(_ principal: String) -> String {
        for prefix in ["user://local/", "service://local/"] where principal.hasPrefix(prefix) {
            return String(principal.dropFirst(prefix.count))
        }
        return principal
    }

    static func id(_ principal: Principal) -> String { id(principal.description) }
}
