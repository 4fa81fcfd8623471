import ClusterModel
import Core
import Scheduling

extension TaskInfo {
    init(_ record: TaskRecord) {
        self.init(
            id: record.id.text, name: record.name, project: record.project, revision: record.revision,
            spec: TaskSpec(record.spec), desired: record.desired.rawValue, state: record.state.rawValue,
            reason: record.reason, attempts: record.attempts.map(Attempt.init),
            attemptCount: Int64(record.attemptCount), restartStreak: Int64(record.restartStreak),
            notBefore: record.notBefore?.microseconds, createdAt: record.createdAt.microseconds,
            createdBy: record.createdBy, finishedAt: record.finishedAt?.microseconds,
            nodeStreak: Int64(record.nodeStreak ?? 0), startBy: record.startBy?.microseconds)
    }
}

extension TaskInfo.Attempt {
    fileprivate init(_ attempt: ClusterModel.Attempt) {
        self.init(
            id: attempt.id.text, number: Int64(attempt.number), node: attempt.node.text, epoch: attempt.epoch,
            state: attempt.state.rawValue, createdAt: attempt.createdAt.microseconds,
            startedAt: attempt.startedAt?.microseconds, endedAt: attempt.endedAt?.microseconds,
            outcome: attempt.outcome?.rawValue ?? "", exitCode: attempt.exitCode,
            reason: attempt.reason ?? "", ports: attempt.ports.map(TaskSpec.Port.init),
            health: attempt.health.map { health in
                TaskInfo.Health(
                    state: health.state.rawValue, reason: health.reason, since: health.since.microseconds)
            })
    }
}

extension TaskSpec {
    fileprivate init(_ spec: ClusterModel.TaskSpec) {
        self.init(
            image: spec.image ?? "", executable: spec.executable ?? "", command: spec.command,
            entrypoint: spec.entrypoint, environment: spec.environment,
            workingDirectory: spec.workingDirectory ?? "", user: spec.user ?? "",
            mounts: spec.mounts.map {
                Mount(source: $0.source, target: $0.target, readOnly: $0.readOnly)
            },
            secrets: spec.secrets.map {
                Secret(
                    name: $0.name, version: $0.version ?? 0, path: $0.path ?? "",
                    environment: $0.environment ?? "")
            }, ports: spec.ports.map(Port.init), resources: Limits(spec.resources),
            constraints: spec.constraints.map(Condition.init),
            affinities: spec.affinities.map {
                Preference(condition: Condition($0.condition), weight: Int32(clamping: $0.weight))
            }, restart: Restarts(spec.restart), pull: spec.pull.rawValue, labels: spec.labels,
            priority: Int32(clamping: spec.priority), onDisconnect: spec.onDisconnect.rawValue,
            stopAfter: spec.stopAfter.value, stopGrace: spec.stopGrace.value, timeout: spec.timeout?.value,
            group: spec.group ?? "",
            spread: spec.spread.map { rule in
                Spread(over: rule.over, maximumSkew: rule.maximumSkew.map { UInt32(clamping: $0) })
            }, apart: spec.apart, startWithin: spec.startWithin?.value,
            finishWithin: spec.finishWithin?.value,
            health: spec.health.map(HealthCheck.init),
            volumes: spec.volumes.map {
                Volume(name: $0.name, target: $0.target ?? "", readOnly: $0.readOnly)
            }, runtime: spec.requestedRuntime?.rawValue ?? "")
    }
}

extension TaskSpec.Port {
    fileprivate init(_ port: PortMapping) {
        self.init(
            container: UInt32(port.container), host: UInt32(port.host ?? 0), address: port.address,
            transport: port.transport.rawValue, name: port.name ?? "")
    }
}

extension TaskSpec.Limits {
    fileprivate init(_ resources: ClusterModel.Resources) {
        self.init(
            cpu: resources.cpuMillis.map { Double($0) / 1000 } ?? 0, memory: resources.memory?.bytes ?? 0,
            disk: resources.disk?.bytes ?? 0, gpus: UInt32(clamping: resources.gpus ?? 0),
            processes: resources.processes ?? 0)
    }
}

extension TaskSpec.Condition {
    fileprivate init(_ constraint: Constraint) {
        self.init(label: constraint.label, relation: constraint.relation.rawValue, values: constraint.values)
    }
}

extension TaskSpec.Restarts {
    fileprivate init(_ policy: RestartPolicy) {
        self.init(
            mode: policy.mode.rawValue, attempts: policy.attempts.map { UInt32(clamping: $0) },
            wait: policy.wait.value, factor: policy.factor, maximumWait: policy.maximumWait.value,
            window: policy.window?.value, sameNode: policy.sameNode.map { UInt32(clamping: $0) })
    }
}

extension TaskSpec.HealthCheck {
    fileprivate init(_ check: ClusterModel.HealthCheck) {
        self.init(
            http: check.http.map { probe in
                HTTP(
                    path: probe.path, port: UInt32(probe.port ?? 0), status: probe.status.map(UInt32.init),
                    headers: probe.headers)
            }, tcp: check.tcp.map { TCP(port: UInt32($0.port ?? 0)) },
            exec: check.exec.map { Exec(command: $0.command) }, startPeriod: check.startPeriod.value,
            interval: check.interval.value, timeout: check.timeout.value,
            retries: UInt32(clamping: check.retries))
    }
}
