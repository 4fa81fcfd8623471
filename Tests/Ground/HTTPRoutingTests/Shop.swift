import Concurrency
import Core
import Documents
import HTTPModel
import HTTPRouting
import Synchronization
import Telemetry
import Tracing

/// A small application to route to.
struct Shop {
    enum ThingKind {}
    typealias ThingID = Identifier<ThingKind>

    struct Caller: RequestContext {
        var name: String

        func require(_ permission: String) async throws {
            guard name == "admin" || permission == "read" else {
                throw ApolloError(.denied, "\(name) may not '\(permission)'")
            }
        }
    }

    enum Colour: String, CaseIterable, ParameterValue { case red, green }

    struct Thing: Codable, Hashable, SchemaProviding {
        var name: String
        var count: Int

        static let schema = Schema.object(
            "A thing.",
            [
                .required("name", .string(.name), "Its name."),
                .optional("count", .integer(0...10), default: 1, "How many."),
            ])
    }

    struct Paint: Codable, SchemaProviding {
        var coats: Int

        static let schema = Schema.object([.optional("coats", .integer(1...9), default: 2)])
    }

    struct Secret: Error {
        var password = "hunter2"
    }

    static let thingID = ThingID(time: Timestamp(microseconds: 1_700_000_000_000_000), random: 7)
    static let id = Parameter<ThingID>.path("id", "The thing.")
    static let colours = Parameter<[Colour]>.query("colour", "Only these.")
    static let verbose = Parameter<Bool>.query("verbose", "More.", default: false)
    static let wait = Parameter<Double?>.query("wait", "How long.", schema: .seconds(0...60))
    static let needed = Parameter<Int>.query("needed", "A number.", schema: .integer(1...5))

    let reported = MemoryLogSink()
    let metrics = MetricsRegistry()
    /// Records what its client does.
    let tracer = Tracer(sample: 0, environment: .live)
    var ending: @Sendable () -> ApolloError? = { nil }

    var exchange: DirectExchange<Caller> { DirectExchange(router: router) }

    var router: Router<Caller> {
        let logger = Logger(
            format: LogFormat(.json), clock: Environment.live.wallClock, sink: reported)
        return Router(
            routes: routes,
            middleware: [
                .trace(tracer), HTTPMetrics(registry: metrics, clock: Environment.live.clock).middleware,
            ],
            random: Environment.live.random,
            openAPI: OpenAPI(title: "Shop", version: "1", description: "For tests."),
            ending: ending,
            report: { error, info in
                logger.error("failed", ["error": .text("\(error)"), "request": .text(info.requestID)])
            },
            authenticate: { request, info in
                guard let name = request.fields["Authorization"] else {
                    if info.isOpen { return Caller(name: "nobody") }
                    throw ApolloError(.unauthenticated, "no token", hint: "send one")
                }
                return Caller(name: name)
            })
    }

    private var routes: [Route<Caller>] {
        let thing = RouteResponse.json(.of(Thing.self), "The thing.")
        return [
            Route(
                .get, "/", operation: "root", summary: "Root", tag: "Other", access: .open, responses: [thing]
            ) { call in .text("root of \(call.context.name)") },
            Route(
                .get, "/things", operation: "listThings", summary: "List", tag: "Things",
                access: .permission("read"),
                parameters: [Self.colours, Self.verbose, Self.wait] + PageRequest.parameters,
                responses: [.json(.page(of: .of(Thing.self)), "A page.")]
            ) { call in
                let page = try call.page()
                let colours = call[Self.colours].map(\.rawValue).joined(separator: "+")
                return .text(
                    "\(page.limit) \(page.cursor?.parts ?? []) \(colours) \(call[Self.verbose]) \(call[Self.wait] ?? -1)"
                )
            },
            Route(
                .post, "/things", operation: "createThing", summary: "Create", tag: "Things",
                access: .permission("write"), body: .json(Thing.self, limit: 1000),
                responses: [.json(.of(Thing.self), "The thing.", status: .created)]
            ) { call in
                let thing = try await call.body(Thing.self)
                return try .json(
                    thing, status: .created, fields: HTTPFields(["Location": "/things/\(Self.thingID)"]))
            },
            Route(
                .get, "/things/{id}", operation: "getThing", summary: "Get", tag: "Things",
                access: .permissionFor { call in call[Self.id] == Self.thingID ? "read" : "write" },
                parameters: [Self.id], responses: [thing]
            ) { call in
                try await call.conditional(EntityTag(revision: 12)) { .text(call[Self.id].text) }
            },
            Route(
                .put, "/things/{id}", operation: "putThing", summary: "Replace", tag: "Things",
                access: .authenticated, parameters: [Self.id], body: .json(Thing.self), responses: [thing]
            ) { call in
                try call.requireMatch(EntityTag(revision: 12))
                return try .json(try await call.body(Thing.self))
            },
            Route(
                .get, "/things/{id}/parts/{part}", operation: "getPart", summary: "Part", tag: "Things",
                access: .open, parameters: [Self.id], responses: [thing]
            ) { call in .text("\(call[Self.id]) \(call.path("part"))") },
            Route(
                .get, "/things/search/parts/all", operation: "searchParts", summary: "Search", tag: "Things",
                access: .open, responses: [thing]
            ) { _ in .text("search") },
            Route(
                .get, "/echo/{text}", operation: "echo", summary: "Echo", tag: "Other", access: .open,
                responses: [thing]
            ) { call in .text(call.path("text")) },
            Route(
                .get, "/files/{path...}", operation: "getFile", summary: "File", tag: "Other", access: .open,
                responses: [thing], isHidden: true
            ) { call in .text(call.path("path")) },
            Route(
                .post, "/paint", operation: "paint", summary: "Paint", tag: "Other", access: .open,
                body: .json(Paint.self, isRequired: false), responses: [thing]
            ) { call in .text("\(try await call.body(Paint.self).coats)") },
            Route(
                .get, "/needs", operation: "needs", summary: "Needs", tag: "Other", access: .open,
                parameters: [Self.needed], responses: [thing]
            ) { call in .text("\(call[Self.needed])") },
            Route(
                .post, "/upload", operation: "upload", summary: "Upload", tag: "Other", access: .open,
                body: .bytes(limit: 10), responses: [thing]
            ) { call in
                var count = 0
                while let piece = try await call.request.body.next() { count += piece.count }
                return .text("\(count)")
            },
            Route(
                .get, "/fails/{how}", operation: "fails", summary: "Fails", tag: "Other", access: .open,
                responses: [thing]
            ) { call in throw Self.failure(call.path("how")) },
            Route(
                .get, "/events", operation: "events", summary: "Events", tag: "Other", access: .open,
                responses: [.events("Events.")]
            ) { _ in
                .events { writer in
                    try await writer.write(ServerSentEvent(event: "a", id: "1", data: "x\ny").bytes)
                    try await writer.write(ServerSentEvent.heartbeat)
                }
            },
        ]
    }

    private static func failure(_ how: String) -> any Error {
        switch how {
        case "known": ApolloError(.unavailable, "the engine does not answer", hint: "start it")
        case "cancelled": CancellationError()
        case "given-up": ApolloError(.cancelled, "the call was cancelled")
        case "disconnected": HTTPBodyError.disconnected
        case "late": HTTPBodyError.timedOut
        default: Secret()
        }
    }
}
