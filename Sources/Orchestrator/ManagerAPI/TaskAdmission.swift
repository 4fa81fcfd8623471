public import APIServers
public import ClusterModel
public import Core
import Documents
import Identity
public import Managers
import TaskDecisions

/// Takes tasks in, through whichever door they are asked for: what a caller must be allowed beside making tasks, and the way to the
/// manager.
public struct TaskAdmission: Sendable {
    private let manager: Manager
    private let environment: Environment
    /// Whether executables of the host may be run at all.
    private let allowsProcesses: Bool

    public init(manager: Manager, environment: Environment, allowsProcesses: Bool) {
        self.manager = manager
        self.environment = environment
        self.allowsProcesses = allowsProcesses
    }

    /// Returns once the task is stored.
    ///
    /// - Precondition: `caller` may make tasks in `project`.
    public func submit(
        _ request: TaskRequest, to project: String, by caller: Caller, idempotencyKey: String?
    ) async throws -> TaskRecord {
        if let fault = request.fault() { throw fault }
        try await require(request.spec, in: project, by: caller)
        let submission = Submission(
            id: environment.identifier(), name: request.name, project: project, spec: request.spec,
            principal: caller.name,
            idempotencyKey: try idempotencyKey.map { try Self.checked($0, caller) })
        return try await caller.access.adding(to: project) { try await manager.submit(submission) }
    }

    /// What a caller must be allowed beside making tasks.
    func require(_ spec: TaskSpec, in project: String, by caller: Caller) async throws {
        try await requireHost(spec, caller)
        try await requireSecrets(spec, project, caller)
        try await requireVolumes(spec, project, caller)
    }

    /// An executable of the host can do what Apollo's own user can: it takes the right to manage the nodes.
    func requireHost(_ spec: TaskSpec, _ caller: Caller) async throws {
        guard spec.runtime == .process else { return }
        guard allowsProcesses else {
            throw ApolloError(
                .denied, "executables of the host are switched off here",
                hint: "use an image, or set process.enabled",
                fields: [FieldError(path: "executable", message: "is switched off by process.enabled")])
        }
        do {
            try await caller.require(Caller.Permission(.manage, Resources.nodes()))
        } catch {
            throw ApolloError(
                .denied, "executables of the host are for administrators: they run with Apollo's own rights",
                hint: "use an image",
                fields: [FieldError(path: "executable", message: "needs manage on the nodes")])
        }
    }

    /// Whoever has a task read a secret reads it himself: he must be allowed to.
    private func requireSecrets(_ spec: TaskSpec, _ project: String, _ caller: Caller) async throws {
        for secret in spec.secrets {
            let resource = try Resources.one(.secret, secret.name, in: project)
            try await caller.require(Caller.Permission(.read, resource))
        }
    }

    /// What a task does with a volume its user does.
    private func requireVolumes(_ spec: TaskSpec, _ project: String, _ caller: Caller) async throws {
        for volume in spec.volumes {
            let resource = try Resources.one(.disk, volume.name, in: project)
            try await caller.require(Caller.Permission(volume.readOnly ? .read : .write, resource))
        }
    }

    private static func checked(_ key: String, _ caller: Caller) throws -> String {
        guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ApolloError(
                .invalid, "the Idempotency-Key is not usable", hint: "send 1 to 128 visible ASCII characters")
        }
        // Another principal's key must not give away that principal's task.
        return "\(caller.name) \(key)"
    }
}
