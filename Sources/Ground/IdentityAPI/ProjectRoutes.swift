import APIServers
import AccountServices
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions
import IdentityMessages

/// `/api/v1/projects`.
struct ProjectRoutes {
    let accounts: Accounts
    let environment: Environment
    let contents: @Sendable (String) async throws -> String?

    private static let name = Parameter<String>.path("name", "The project's name.", schema: .string(.name))

    var routes: [Route<Caller>] { [create, list, get, remove] }

    private var create: Route<Caller> {
        Route(
            .post, "/api/v1/projects", operation: "createProject",
            summary: "Make a project, which the caller manages", tag: "projects", access: .authenticated,
            body: .json(NameRequest.self),
            responses: [.json(.of(ProjectView.self), "The project.", status: .created)]
        ) { call in
            let name = try await call.body(NameRequest.self).name
            AuditNote.note(resource: "role://local/default/\(name)")
            let (credential, key) = (try call.context.known(), try call.idempotencyKey())
            let (environment, now) = (self.environment, self.environment.wallClock.now)
            try await self.accounts.change { core in
                try core.createProject(
                    name, key: key, grantIDs: { environment.identifier() }, by: credential, at: now)
            }
            return try .made(self.view(name, call), at: "/api/v1/projects/\(name)")
        }
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/projects", operation: "listProjects", summary: "List the projects one can see",
            tag: "projects", access: .authenticated, parameters: PageRequest.parameters,
            responses: [.json(.page(of: .of(ProjectView.self)), "A page of projects.")]
        ) { call in
            let (request, credential) = (try call.page(), try call.context.known())
            let visible = self.accounts.read { Array($0.projects.values) }.filter {
                call.context.access.sees(credential, project: $0.name)
            }
            return try page(visible, request, key: \.name) { ProjectView($0) }
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/projects/{name}", operation: "getProject", summary: "Look at one project",
            tag: "projects", access: .authenticated, parameters: [Self.name],
            responses: [.json(.of(ProjectView.self), "The project, with an ETag.")]
        ) { call in
            try await call.conditional(self.view(call[Self.name], call))
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/projects/{name}", operation: "deleteProject",
            summary: "Remove an empty project, and what is granted in it", tag: "projects",
            access: .authenticated, parameters: [Self.name], responses: [.noContent("It is gone.")]
        ) { call in
            let (name, credential) = (call[Self.name], try call.context.known())
            AuditNote.note(resource: "role://local/default/\(name)")
            let decide = call.ifMatch({ core in core.projects[name].map { ProjectView($0) } }) {
                try $0.removeProject(name, by: credential)
            }
            try await self.accounts.removeProject(name, decide, contents: self.contents)
            return HTTPResponse(.noContent)
        }
    }

    private func view(_ name: String, _ call: Call<Caller>) throws -> ProjectView {
        guard try call.context.access.sees(call.context.known(), project: name),
            let project = accounts.read({ $0.projects[name] })
        else { throw AccessControl.unknown(project: name) }
        return ProjectView(project)
    }
}
