import Identity

/// Principals as S3 names them.
enum S3Owner {
    /// Of a principal's URI: the name of a user of this platform, the whole URI of others.
    static func id(_ principal: String) -> String {
        let prefix = "user://local/"
        return principal.hasPrefix(prefix) ? String(principal.dropFirst(prefix.count)) : principal
    }

    static func id(_ principal: Principal) -> String { id(principal.description) }
}
