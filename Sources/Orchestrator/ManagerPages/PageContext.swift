import APIServers
import ClusterModel
import Core
import HTML
import HTTPModel
import HTTPRouting
import Identity
import Managers
import Pages

/// What every page needs: who looks, at which project, and which they may see.
struct PageContext {
    let call: Call<Caller>
    let manager: Manager
    let now: Timestamp
    let project: String
    /// The projects that the visitor may list the tasks of.
    let projects: [String]

    /// - Throws: a redirect to the login for nobody, `not_found` for a project that the visitor may not see.
    init(
        _ call: Call<Caller>, _ manager: Manager, now: Timestamp, known: [String], project: String
    ) throws {
        self.call = call
        self.manager = manager
        self.now = now
        guard call.context.credential != nil else { throw LoginNeeded() }
        projects = Set(known).union(manager.projects()).union(["default"]).sorted().filter {
            Self.may(.list, $0, call)
        }
        // Where nothing says which, the first that may be seen: a member of one project lands there.
        let isImplied = project.isEmpty
        self.project =
            isImplied ? (projects.contains("default") ? "default" : projects.first ?? "default") : project
        guard projects.contains(self.project) || isImplied else {
            throw ApolloError(.notFound, "there is no project '\(project)', or you may not see it")
        }
    }

    /// Whether the visitor may do this with all of a kind in the project.
    func may(_ level: Permission, _ kind: ResourceURI.Scheme) -> Bool {
        guard let resource = try? Resources.all(kind, in: project) else { return false }  // No such name.
        return call.context.may(Caller.Permission(level, resource))
    }

    var mayListVolumes: Bool { may(.list, .disk) }

    static func may(_ level: Permission, _ project: String, _ call: Call<Caller>) -> Bool {
        guard let resource = try? Resources.all(.task, in: project) else { return false }  // No such name.
        return call.context.may(Caller.Permission(level, resource))
    }

    var maySeeNodes: Bool {
        guard let nodes = try? Resources.nodes() else { return false }  // It is always one.
        return call.context.may(Caller.Permission(.list, nodes))
    }

    /// What nodes are called, by the identifiers that tasks know them by.
    var nodeNames: [NodeID: String] {
        Dictionary(manager.nodes().map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter hasFigures: whether it shows what machines are busy with.
    func layout(_ title: String, isLive: Bool = true, hasFigures: Bool = false) -> Layout {
        Layout(
            title: title, project: project,
            projects: projects.contains(project) ? projects : [project] + projects,
            visitor: Layout.Visitor(
                name: call.context.principal?.name ?? "", formToken: call.context.formToken),
            events: isLive ? SitePath("/api/v1/events").query([("project", project)]) : nil,
            pace: hasFigures ? 5 : 30)
    }
}

/// Nobody is logged in.
struct LoginNeeded: Error {}
