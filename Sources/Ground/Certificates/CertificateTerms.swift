public import Identity

/// What a certificate may be used for.
public enum CertificateUsage: String, Hashable, Sendable, CaseIterable {
    case server
    case client
}

/// What an authority signs: whom a certificate is for, what it may be used for, and for how long.
public struct CertificateTerms: Hashable, Sendable {
    public static let defaultLifetime = Duration.seconds(30 * 86400)

    public var principal: Principal
    public var usages: Set<CertificateUsage>
    /// Hosts and addresses that a server is reached by.
    public var names: [AlternativeName]
    public var lifetime: Duration

    public init(
        _ principal: Principal, usages: Set<CertificateUsage>, names: [AlternativeName] = [],
        lifetime: Duration = Self.defaultLifetime
    ) {
        self.principal = principal
        self.usages = usages
        self.names = names
        self.lifetime = lifetime
    }
}
