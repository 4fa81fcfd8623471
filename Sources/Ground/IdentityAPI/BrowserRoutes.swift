import APIServers
import AccountServices
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions

/// How browsers log in and out: the form that the pages show posts to `/login`, with `user`, `password` and `next`. Answers lead
/// on: back to `/login?failed=…` (`wrong`, `wait`, `link`, `site`) or to the page that was wanted.
struct BrowserRoutes {
    let accounts: Accounts
    let browsers: BrowserSessions
    let environment: Environment

    private static let code = Parameter<String>.query(
        "code", "The code of the link.", schema: .string(1...128))

    var routes: [Route<Caller>] { [logIn, once, logOut] }

    private var logIn: Route<Caller> {
        Route(
            .post, "/login", operation: "logInBrowser", summary: "Log a browser in", tag: "login",
            access: .open,
            body: Self.form, responses: [RouteResponse(303, "Where the browser goes.")], isHidden: true
        ) { call in
            let form = FormFields(try await call.bodyBytes())
            let name = form["user"] ?? ""
            noteLogin(name)
            do {
                // Nobody may be logged in as somebody else without noticing.
                try BrowserSessions.requireSameSite(call.request)
                let issued = try await self.accounts.openSession(
                    name, password: form["password"] ?? "", peer: call.request.peer,
                    browser: Self.browser(call))
                AuditNote.note(principal: issued.record.principal.description)
                try await self.endOld(call)
                return self.welcome(issued, to: Self.path(form["next"]))
            } catch let refusal as LoginRefusal {
                return Self.back(refusal)
            } catch let error as ApolloError where error.kind == .denied {
                AuditNote.note(failure: "a page of another site")
                return Self.redirect(to: "/login?failed=site")
            }
        }
    }

    private var once: Route<Caller> {
        Route(
            .get, "/login/once", operation: "logInBrowserOnce", summary: "Log a browser in by a link",
            tag: "login",
            access: .open, parameters: [Self.code],
            responses: [RouteResponse(303, "Where the browser goes.")],
            isHidden: true
        ) { call in
            do {
                let issued = try await self.accounts.openSession(
                    code: call[Self.code], peer: call.request.peer, browser: Self.browser(call))
                try await self.endOld(call)
                return self.welcome(issued, to: "/")
            } catch let refusal as LoginRefusal {
                return Self.back(refusal)
            }
        }
    }

    private var logOut: Route<Caller> {
        Route(
            .post, "/logout", operation: "logOutBrowser", summary: "Log a browser out", tag: "login",
            access: .open,
            body: Self.form, responses: [RouteResponse(303, "Where the browser goes.")], isHidden: true
        ) { call in
            let form = FormFields(try await call.bodyBytes())
            let visit = try self.visit(call.request, form[BrowserSessions.formField])
            if let visit {
                AuditNote.note(principal: visit.credential.principal.description)
                try await self.accounts.logOut(visit.credential)
            }
            var response = Self.redirect(to: "/login")
            response.fields.append(name: "Set-Cookie", value: self.browsers.emptyCookie)
            return response
        }
    }

    /// Nil where the session is over already: all that is left is the cookie.
    private func visit(_ request: HTTPRequest, _ form: String?) throws -> BrowserSessions.Visit? {
        do {
            return try browsers.trusted(request, form: form, at: environment.wallClock.now)
        } catch {
            guard error.kind == .unauthenticated else { throw error }
            return nil
        }
    }

    /// A new session takes the place of the one the browser had: what was planted there is worth nothing.
    private func endOld(_ call: Call<Caller>) async throws {
        guard let old = call.context.credential, old.kind == .session else { return }
        try await accounts.logOut(old)
    }

    private func welcome(_ issued: Accounts.Issued, to path: String) -> HTTPResponse {
        var response = Self.redirect(to: path)
        let now = environment.wallClock.now
        response.fields.append(
            name: "Set-Cookie",
            value: browsers.cookie(issued.secret, from: now, until: issued.record.expires ?? now))
        return response
    }

    private static let form = RouteBody(
        mediaTypes: ["application/x-www-form-urlencoded"], schema: .string, isRequired: false, limit: 8192)

    private static func back(_ refusal: LoginRefusal) -> HTTPResponse {
        let reason =
            switch refusal {
            case .wrong: "wrong"
            case .tooOften: "wait"
            case .code: "link"
            }
        AuditNote.note(failure: refusal.asApolloError.message)
        var response = redirect(to: "/login?failed=\(reason)")
        if case .tooOften(let wait) = refusal {
            response.fields.append(name: "Retry-After", value: "\(max(1, wait.wholeSeconds))")
        }
        return response
    }

    private static func redirect(to path: String) -> HTTPResponse {
        HTTPResponse(
            303,
            fields: HTTPFields([
                "Location": path, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
            ]))
    }

    /// Where to go afterwards: a path of ours, never another site (`//elsewhere`, `/\elsewhere`) or a field of the answer.
    private static func path(_ wanted: String?) -> String {
        guard let wanted, wanted.utf8.count <= 1024, wanted.hasPrefix("/"), !wanted.hasPrefix("//"),
            wanted.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return wanted
    }

    private static func browser(_ call: Call<Caller>) -> String {
        let name = call.request.fields["User-Agent"] ?? "browser"
        return String(
            String(decoding: name.utf8.filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self).prefix(200))
    }
}
