import HTML
public import HTTPModel

/// Where browsers log in. The form goes to `/login`, which checks, counts the tries, and comes back here when it refuses.
public enum LoginPage {
    /// - Parameters:
    ///   - failure: the word that the refusal sent along: `wrong`, `wait`, `link`, `site`.
    ///   - next: the path to go on to.
    public static func response(failure: String?, next: String?) -> HTTPResponse {
        var fields: [Fragment] = [.element(.h1, [], ["Log in to Apollo"])]
        if let message = failure.flatMap(message) {
            fields.append(.element(.p, [.class("problem"), .role("alert"), .id("failure")], [message]))
        }
        fields += [
            .element(.label, [.for("user")], ["User"]),
            .element(
                .input,
                [.id("user"), .name("user"), .type("text"), .completion("username"), .required, .autofocus]),
            .element(.label, [.for("password")], ["Password"]),
            .element(
                .input,
                [
                    .id("password"), .name("password"), .type("password"), .completion("current-password"),
                    .required,
                ]),
        ]
        if let next { fields.append(.element(.input, [.type("hidden"), .name("next"), .value(next)])) }
        fields += [
            .element(.button, [.type("submit"), .class("main")], ["Log in"]),
            .element(
                .p, [.class("note")],
                [
                    "On the machine itself, ", .element(.code, [], ["apollo login --browser"]),
                    " prints a link that needs no password.",
                ]),
        ]
        return Layout(title: "Log in").page(
            [.element(.form, [.method("post"), .action(SitePath("/login")), .class("login")], fields)])
    }

    private static func message(_ failure: String) -> Fragment? {
        switch failure {
        case "wrong": "User and password do not go together."
        case "wait": "Too many tries. Wait a little, then try again."
        case "link": "The link is old or was used. Ask for a new one with 'apollo login --browser'."
        case "site": "The form came from another page. Log in here."
        default: nil
        }
    }
}
