public import HTML
public import HTTPModel

/// The one layout of all pages: a head, a way around, the content, and what guards it.
public struct Layout: Sendable {
    /// Who looks, as far as the layout needs it.
    public struct Visitor: Sendable {
        public var name: String
        /// What forms send back; nil for who came by a token and has no session to end.
        public var formToken: String?

        public init(name: String, formToken: String?) {
            self.name = name
            self.formToken = formToken
        }
    }

    public var title: String
    /// The project that is looked at, and those that can be.
    public var project: String?
    public var projects: [String]
    public var visitor: Visitor?
    /// Where changes are told of; nil for a page that stays as it is.
    public var events: SitePath?
    /// How often a live page is looked at again where nothing is told, in seconds: less than usual for figures that change all the
    /// time without an event.
    public var pace: Int

    public init(
        title: String, project: String? = nil, projects: [String] = [], visitor: Visitor? = nil,
        events: SitePath? = nil, pace: Int = 30
    ) {
        self.title = title
        self.project = project
        self.projects = projects
        self.visitor = visitor
        self.events = events
        self.pace = pace
    }

    /// The page around `content`.
    public func page(_ content: [Fragment], status: HTTPStatus = .ok) -> HTTPResponse {
        let attributes: [Attribute] =
            events.map { [.data(.events, $0.text), .data(.pace, "\(pace)")] } ?? []
        let root = Fragment.element(
            .html, [.language("en")],
            [
                head,
                .element(
                    .body, attributes, [skip, bar, banner, .element(.main, [.id("main")], content), help]),
            ])
        var fields = Self.guards
        fields.append(name: "Content-Type", value: "text/html; charset=utf-8")
        fields.append(name: "Cache-Control", value: "no-store")
        return HTTPResponse(status, fields: fields, body: .bytes(root.document))
    }

    /// What a browser must not do with our pages, whatever came into them: run or load anything but our own files, send forms
    /// elsewhere, or be shown inside of another page (CSP level 3).
    static let guards = HTTPFields([
        "Content-Security-Policy": """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """,
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
    ])

    private var head: Fragment {
        .element(
            .head, [],
            [
                .element(.meta, [.charset]),
                .element(.meta, [.name("viewport"), .content("width=device-width, initial-scale=1")]),
                .element(.meta, [.name("color-scheme"), .content("light dark")]),
                .element(.title, [], ["\(title) · Apollo"]),
                .element(.link, [.relation("icon"), .href(Assets.icon.path)]),
                .element(.link, [.relation("stylesheet"), .href(Assets.style.path)]),
                .element(.script, [.source(Assets.script.path), .deferred]),
            ])
    }

    private var skip: Fragment {
        .element(.a, [.class("skip"), .href(.fragment("main"))], ["To the content"])
    }

    private var bar: Fragment {
        var parts: [Fragment] = [.element(.a, [.class("brand"), .href(SitePath("/"))], ["Apollo"])]
        if let project { parts.append(switcher(project)) }
        parts.append(.element(.span, [.class("gap")]))
        parts.append(
            .element(
                .button, [.type("button"), .id("theme"), .title("Dark or light (t)")], ["Theme"]))
        if let visitor {
            parts.append(.element(.span, [.class("who")], [Fragment(visitor.name)]))
            if let token = visitor.formToken {
                parts.append(
                    .element(
                        .form, [.method("post"), .action(SitePath("/logout"))],
                        [
                            .element(.input, [.type("hidden"), .name("form_token"), .value(token)]),
                            .element(.button, [.type("submit")], ["Log out"]),
                        ]))
            }
        }
        return .element(.header, [.class("bar")], [.element(.nav, [.aria(.label, "Apollo")], parts)])
    }

    private func switcher(_ current: String) -> Fragment {
        .element(
            .form, [.method("get"), .action(SitePath("/")), .class("projects")],
            [
                .element(.label, [.for("project")], ["Project"]),
                .element(
                    .select, [.id("project"), .name("project")],
                    projects.map { name in
                        .element(
                            .option, [.value(name)] + (name == current ? [.selected] : []), [Fragment(name)])
                    }),
                .element(.noscript, [], [.element(.button, [.type("submit")], ["Show"])]),
            ])
    }

    private var banner: Fragment {
        .element(
            .div, [.id("banner"), .role("status"), .aria(.live, "polite"), .hidden],
            ["The platform does not answer. What is shown may be old; this page goes on trying."])
    }

    private var help: Fragment {
        let keys: [(String, Fragment)] = [
            ("/", "filter"), ("j  k", "next and previous row"), ("Enter", "open the row"), ("g", "home"),
            ("t", "dark or light"), ("?", "this help"), ("Esc", "close it"),
        ]
        return .element(
            .dialog, [.id("help"), .aria(.label, "Keys")],
            [
                .element(.h2, [], ["Keys"]),
                .element(
                    .dl, [],
                    keys.flatMap { key, meaning in
                        [
                            .element(.dt, [], [.element(.kbd, [], [Fragment(key)])]),
                            .element(.dd, [], [meaning]),
                        ] as [Fragment]
                    }),
            ])
    }
}
