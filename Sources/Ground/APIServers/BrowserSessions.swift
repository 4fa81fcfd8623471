public import Core
import Cryptography
public import HTTPModel
public import Identity

/// Browsers that are logged in: a cookie that holds a session's secret, and what guards it from other sites.
///
/// The session is a token of kind `session`, kept like all others: it expires, and whoever revokes it ends it. What a page does
/// on its own (`GET`) needs the cookie alone; what changes something needs ``formToken(of:)`` besides, which another site
/// cannot know, and must not come from another site, which browsers tell (`Sec-Fetch-Site`, `Origin`).
public struct BrowserSessions: Sendable {
    /// A browser, recognised.
    public struct Visit: Sendable {
        public var credential: Credential
        /// What its forms must send back as the field ``BrowserSessions/formField``, its scripts as the header
        /// ``BrowserSessions/formHeader``.
        public var formToken: String
    }

    public static let formField = "form_token"
    public static let formHeader = "X-Apollo-Form-Token"

    private let access: AccessControl
    /// Whether browsers come by TLS: then the cookie is sent by nothing else, and no neighbour can have set it.
    private let isSecure: Bool

    public init(access: AccessControl, isSecure: Bool) {
        self.access = access
        self.isSecure = isSecure
    }

    /// `__Host-` has browsers refuse the cookie from another host or without TLS (RFC 6265bis, section 4.1.3).
    public var cookieName: String { isSecure ? "__Host-apollo_session" : "apollo_session" }

    /// Who sends `request`, by its cookie; nil where it carries none.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated` where the session is over, or there are two of them.
    public func visit(_ request: HTTPRequest, at now: Timestamp) throws(ApolloError) -> Visit? {
        guard let secret = try secret(in: request) else { return nil }
        return Visit(
            credential: try access.authenticate(session: secret, at: now),
            formToken: Self.formToken(of: secret))
    }

    /// The same for a request that may change something: one that is not safe must carry the session's token, in its header
    /// or as `form`, the value of the form's field.
    ///
    /// - Throws: ``ApolloError``: `unauthenticated` as above, `denied` where another site may have sent it.
    public func trusted(
        _ request: HTTPRequest, form: String? = nil, at now: Timestamp
    ) throws(ApolloError) -> Visit? {
        guard let visit = try visit(request, at: now) else { return nil }
        if request.method.isSafe { return visit }
        try Self.requireSameSite(request)
        let sent = form ?? request.fields[Self.formHeader] ?? ""
        guard ConstantTime.areEqual(Array(sent.utf8), Array(visit.formToken.utf8)) else {
            throw ApolloError(
                .denied, "the request carries a session's cookie, and not its form token",
                hint: "load the page again; programs send 'Authorization: Bearer TOKEN' instead of cookies")
        }
        return visit
    }

    /// Refuses what a page of another site had the browser send. A client that tells nothing is no browser of today: it
    /// has no cookie that it does not mean to send.
    public static func requireSameSite(_ request: HTTPRequest) throws(ApolloError) {
        if let site = request.fields["Sec-Fetch-Site"] {
            guard site == "same-origin" || site == "none" else { throw foreign }
            return
        }
        guard let origin = request.fields["Origin"] else { return }
        let host = request.fields["Host"] ?? ""
        guard !host.isEmpty, origin == "http://\(host)" || origin == "https://\(host)" else { throw foreign }
    }

    private static let foreign = ApolloError(
        .denied, "the request comes from a page of another site", hint: "open Apollo's own page")

    /// The value of `Set-Cookie` that logs a browser in until `expires`. Links from elsewhere lead to the pages (`Lax`); what
    /// changes something is guarded by the form token.
    public func cookie(_ secret: BearerToken, from now: Timestamp, until expires: Timestamp) -> String {
        let seconds = max(0, Int(now.duration(to: expires).components.seconds))
        return attributes("\(cookieName)=\(secret.text); Max-Age=\(seconds)")
    }

    /// The value of `Set-Cookie` that logs a browser out.
    public var emptyCookie: String { attributes("\(cookieName)=; Max-Age=0") }

    private func attributes(_ pair: String) -> String {
        "\(pair); Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    }

    /// What the forms of a session send back. It tells nothing of the secret.
    static func formToken(of secret: BearerToken) -> String {
        Base64URL.encode(
            HMACSHA256.authenticate(Array("apollo form token".utf8), key: Array(secret.text.utf8)).bytes)
    }

    /// The secret in the cookie; nil where there is none.
    private func secret(in request: HTTPRequest) throws(ApolloError) -> BearerToken? {
        var found: [Substring] = []
        for line in request.fields.values("Cookie") {
            for pair in line.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                guard let equals = pair.firstIndex(of: "="), pair[..<equals] == cookieName else { continue }
                found.append(pair[pair.index(after: equals)...])
            }
        }
        guard let first = found.first, !first.isEmpty else { return nil }
        // A neighbour (another port, a page below this host) can add a cookie of the name: then nobody knows whose it is.
        guard found.count == 1 else {
            throw ApolloError(
                .unauthenticated, "the browser sends \(found.count) cookies '\(cookieName)'",
                hint: "remove them and log in again")
        }
        guard let secret = BearerToken(parsing: String(first)) else {
            throw ApolloError(.unauthenticated, "the browser's session is over", hint: "log in again")
        }
        return secret
    }
}

extension HTTPMethod {
    /// Whether it only reads (RFC 9110, section 9.2.1).
    var isSafe: Bool {
        switch self {
        case .get, .head, .options: true
        default: false
        }
    }
}
