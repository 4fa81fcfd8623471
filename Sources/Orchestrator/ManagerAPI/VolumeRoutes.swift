import APIMessages
public import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity
public import Managers

/// `/api/v1/volumes`.
public struct VolumeRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("volumes", "Directories of nodes that outlive the tasks which use them.")
    ]

    private let manager: Manager

    public init(_ manager: Manager) { self.manager = manager }

    private static let handle = Parameter<String>.path("volume", "The volume's name.", schema: .string(.name))
    private static let project = Parameter<String>.query(
        "project", "The project it belongs to.", schema: .string(.name), default: "default")
    private static let force = Parameter<Bool>.query(
        "force", "Forget it also where its node does not answer; what is in it then stays there.",
        schema: .boolean, default: false)

    public var routes: [Route<Caller>] { [list, create, get, remove] }

    private static func access(_ level: Permission) -> Access<Caller> {
        .permissionFor {
            Caller.Permission(level, try Resources.one(.disk, $0[handle], in: $0[project]))
        }
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/volumes", operation: "listVolumes", summary: "List volumes, by their names",
            tag: "volumes",
            access: .permissionFor {
                Caller.Permission(.list, try Resources.all(.disk, in: $0[Self.project]))
            },
            parameters: [Self.project],
            responses: [.json(.page(of: .of(VolumeDescription.self)), "All volumes of the project.")]
        ) { call in
            let volumes = self.manager.volumes(in: call[Self.project])
            return try .json(VolumePage(items: volumes.map(VolumeDescription.init)))
        }
    }

    private var create: Route<Caller> {
        Route(
            .post, "/api/v1/volumes", operation: "createVolume", summary: "Make a volume",
            description: "It is on the node that is named, or on that of the first task that uses it.",
            tag: "volumes",
            access: .permissionFor {
                Caller.Permission(.write, try Resources.all(.disk, in: $0[Self.project]))
            },
            parameters: [Self.project], body: .json(VolumeRequest.self),
            responses: [.json(.of(VolumeDescription.self), "The volume.", status: .created)]
        ) { call in
            let wanted = try await call.body(VolumeRequest.self)
            let project = call[Self.project]
            let made = try await call.context.access.adding(to: project) {
                try await self.manager.makeVolume(
                    VolumeID(wanted.name, in: project), on: wanted.node, by: call.context.name)
            }
            return try .json(VolumeDescription(made), status: .created)
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/volumes/{volume}", operation: "getVolume",
            summary: "Where a volume is, and who uses it", tag: "volumes", access: Self.access(.read),
            parameters: [Self.handle, Self.project],
            responses: [.json(.of(VolumeDescription.self), "The volume.")]
        ) { call in
            let volume = try self.manager.volume(VolumeID(call[Self.handle], in: call[Self.project]))
            return try .json(VolumeDescription(volume))
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/volumes/{volume}", operation: "deleteVolume",
            summary: "Remove a volume with all that is in it",
            description: "Refused while a task that is not over uses it.", tag: "volumes",
            access: Self.access(.write), parameters: [Self.handle, Self.project, Self.force],
            responses: [.noContent("It is removed.")]
        ) { call in
            try await self.manager.removeVolume(
                VolumeID(call[Self.handle], in: call[Self.project]), force: call[Self.force])
            return HTTPResponse(.noContent)
        }
    }
}

extension VolumeDescription {
    fileprivate init(_ view: VolumeView) {
        self.init(
            name: view.volume.name, project: view.volume.project, node: view.node,
            createdAt: view.volume.createdAt, createdBy: view.volume.createdBy, tasks: view.users)
    }
}
