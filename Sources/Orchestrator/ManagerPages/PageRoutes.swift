public import APIServers
import ClusterModel
public import Core
import Documents
import HTML
import HTTPModel
public import HTTPRouting
import Identity
import JobModel
public import Jobs
public import Managers
import Pages

/// The pages: `/`, one task, one node, the login, and their files. They show what the caller may see and change nothing.
public struct PageRoutes: Sendable {
    private let manager: Manager
    private let jobs: JobKeeper
    private let environment: Environment
    private let knownProjects: @Sendable (Caller) -> [String]

    private static let project = Parameter<String>.query(
        "project", "The project that is looked at.", schema: .string(0...63), default: "")
    private static let query = Parameter<String>.query(
        "q", "What tasks must hold.", schema: .string(0...200), default: "")
    private static let state = Parameter<String>.query(
        "state", "The state they are in.", schema: .string(0...16), default: "")
    private static let failed = Parameter<String>.query(
        "failed", "Why it was refused.", schema: .string(0...16), default: "")
    private static let next = Parameter<String>.query(
        "next", "Where to go on.", schema: .string(0...1024), default: "")

    /// - Parameter projects: the projects there are, as far as the caller may see them, beside those that have tasks.
    public init(
        manager: Manager, jobs: JobKeeper, environment: Environment,
        projects: @escaping @Sendable (Caller) -> [String] = { _ in [] }
    ) {
        self.manager = manager
        self.jobs = jobs
        self.environment = environment
        knownProjects = projects
    }

    public var routes: [Route<Caller>] { [home, task, job, node, login, asset] }

    private var home: Route<Caller> {
        page("/", "showHome", [Self.project, Self.query, Self.state]) { call in
            let context = try context(call, project: call[Self.project])
            return HomePage(
                context: context, query: call[Self.query], state: TaskState(rawValue: call[Self.state]),
                jobs: context.may(.list, .job) ? jobs.list(project: context.project) : []
            ).response()
        }
    }

    private var task: Route<Caller> {
        page("/tasks/{project}/{task}", "showTask", []) { call in
            let context = try context(call, project: call.path("project"))
            let handle = call.path("task")
            guard let record = manager.find(handle, project: context.project),
                call.context.may(
                    Caller.Permission(.read, try Resources.one(.task, record.name, in: context.project)))
            else {
                throw ApolloError(.notFound, "there is no task '\(handle)' here, or you may not see it")
            }
            return TaskPage(context: context, record: record).response()
        }
    }

    private var job: Route<Caller> {
        page("/jobs/{project}/{job}", "showJob", []) { call in
            let context = try context(call, project: call.path("project"))
            let handle = call.path("job")
            guard let record = jobs.find(handle, project: context.project),
                // Jobs have names that make an address.
                let resource = try? Resources.one(.job, record.name, in: context.project),
                call.context.may(Caller.Permission(.read, resource))
            else {
                throw ApolloError(.notFound, "there is no job '\(handle)' here, or you may not see it")
            }
            return JobPage(
                context: context, job: record, instances: jobs.instances(record.id),
                nextRuns: jobs.nextRuns(record.id) ?? [],
                mayChange: call.context.may(Caller.Permission(.write, resource))
            ).response()
        }
    }

    private var node: Route<Caller> {
        page("/nodes/{node}", "showNode", [Self.project]) { call in
            let context = try context(call, project: call[Self.project])
            let handle = call.path("node")
            guard context.maySeeNodes,
                let node = manager.nodes().first(where: { $0.name == handle || $0.id.text == handle })
            else {
                throw ApolloError(.notFound, "there is no node '\(handle)', or you may not see it")
            }
            return NodePage(context: context, node: node).response()
        }
    }

    private var login: Route<Caller> {
        Route(
            .get, "/login", operation: "showLogin", summary: "Log in", tag: "pages", access: .open,
            parameters: [Self.failed, Self.next], responses: [.bytes("text/html", "The page.")],
            isHidden: true
        ) { call in
            let next = call[Self.next]
            return LoginPage.response(
                failure: call[Self.failed], next: next.hasPrefix("/") && !next.hasPrefix("//") ? next : nil)
        }
    }

    private var asset: Route<Caller> {
        Route(
            .get, "/assets/{file}", operation: "getAsset", summary: "A file of the pages", tag: "pages",
            access: .open,
            responses: [.bytes("text/css", "The file.")], isHidden: true
        ) { call in
            guard let response = Assets.response(for: call.path("file")) else {
                throw ApolloError(
                    .notFound, "there is no such file", hint: "load the page again: it has a newer one")
            }
            return response
        }
    }

    /// A page is open, since who may not see it is led to the login rather than refused.
    private func page(
        _ path: String, _ operation: String, _ parameters: [any RouteParameter],
        _ show: @escaping @Sendable (Call<Caller>) throws -> HTTPResponse
    ) -> Route<Caller> {
        Route(
            .get, path, operation: operation, summary: "A page", tag: "pages", access: .open,
            parameters: parameters,
            responses: [.bytes("text/html", "The page.")], isHidden: true
        ) { call in
            do {
                return try show(call)
            } catch is LoginNeeded {
                let wanted = call.request.target == "/" ? [] : [("next", call.request.target)]
                return HTTPResponse(
                    303,
                    fields: HTTPFields([
                        "Location": SitePath("/login").query(wanted).text, "Cache-Control": "no-store",
                    ]))
            } catch let error as ApolloError where error.kind == .notFound {
                return Layout(title: "Not found").page(
                    [
                        .element(.h1, [], ["Not found"]), .element(.p, [], [Fragment(error.message)]),
                        .element(.p, [], [.element(.a, [.href(SitePath("/"))], ["Home"])]),
                    ], status: .notFound)
            }
        }
    }

    private func context(_ call: Call<Caller>, project: String) throws -> PageContext {
        try PageContext(
            call, manager, now: environment.wallClock.now, known: knownProjects(call.context),
            project: project)
    }
}
