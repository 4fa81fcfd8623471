import ClusterModel
import Core
import Documents

/// Reads what a task is asked to be: as the document that HTTP would carry, so that the same schema checks it, fills in what was left
/// out, and says what is wrong.
enum SpecReading {
    static func taskRequest(of request: CreateTaskRequest) throws(ApolloError) -> TaskRequest {
        guard let spec = request.spec else {
            throw ApolloError(
                .invalid, "'spec' of the request must say what runs",
                fields: [FieldError(path: "spec", message: "is missing")])
        }
        var object = try document(of: spec)
        if !request.name.isEmpty { object["name"] = .string(request.name) }
        return try DocumentDecoder().decode(
            TaskRequest.self, from: Document(.object(object)), of: "the request")
    }

    /// The error with its fields called as they are here.
    static func renamed(_ error: ApolloError) -> ApolloError {
        ApolloError(
            error.kind, error.message, hint: error.hint,
            fields: error.fields.map { FieldError(path: renamed($0.path), message: $0.message) })
    }

    private static let names = [
        "workingDirectory": "working_directory", "readOnly": "read_only", "maximumWait": "maximum_wait",
        "maximumSkew": "maximum_skew", "onDisconnect": "on_disconnect", "stopAfter": "stop_after",
        "stopGrace": "stop_grace", "startWithin": "start_within", "finishWithin": "finish_within",
        "sameNode": "same_node", "startPeriod": "start_period",
    ]

    private static func renamed(_ path: String) -> String {
        if path == "name" || path.isEmpty || path.hasPrefix("spec") { return path }
        let parts = path.split(separator: ".").map(String.init)
        // Below these the client's own keys stand.
        guard parts[0] != "environment", parts[0] != "labels", !path.hasPrefix("health.http.headers.") else {
            return "spec.\(path)"
        }
        return (["spec"] + parts.map { names[$0] ?? $0 }).joined(separator: ".")
    }

    // MARK: Documents

    private static func document(of spec: TaskSpec) throws(ApolloError) -> JSONObject {
        var object = JSONObject()
        object.set("image", spec.image)
        object.set("executable", spec.executable)
        object.set("runtime", spec.runtime)
        object.set("command", spec.command)
        object.set("entrypoint", spec.entrypoint)
        object.set("environment", spec.environment)
        object.set("workingDirectory", spec.workingDirectory)
        object.set("user", spec.user)
        object.set("mounts", spec.mounts.map(document))
        object.set("volumes", spec.volumes.map(document))
        object.set("secrets", spec.secrets.map(document))
        object.set("ports", spec.ports.map(document))
        if let resources = spec.resources { object["resources"] = try document(of: resources) }
        object.set("constraints", spec.constraints.map(document))
        object.set("affinities", spec.affinities.map(document))
        object.set("group", spec.group)
        if let spread = spec.spread { object["spread"] = document(spread) }
        if spec.apart { object["apart"] = .bool(true) }
        if let restart = spec.restart { object["restart"] = try document(of: restart) }
        object.set("pull", spec.pull)
        object.set("labels", spec.labels)
        if spec.priority != 0 { object["priority"] = .integer(Int64(spec.priority)) }
        object.set("onDisconnect", spec.onDisconnect)
        if spec.stopAfter != 0 { try object.set("stopAfter", spec.stopAfter) }
        try object.set("stopGrace", spec.stopGrace)
        try object.set("timeout", spec.timeout)
        try object.set("startWithin", spec.startWithin)
        try object.set("finishWithin", spec.finishWithin)
        if let health = spec.health { object["health"] = try HealthReading.document(of: health) }
        return object
    }

    private static func document(_ mount: TaskSpec.Mount) -> JSONValue {
        var object = JSONObject()
        object.set("source", mount.source)
        object.set("target", mount.target)
        object["readOnly"] = .bool(mount.readOnly)
        return .object(object)
    }

    private static func document(_ volume: TaskSpec.Volume) -> JSONValue {
        var object = JSONObject()
        object.set("name", volume.name)
        object.set("target", volume.target)
        object["readOnly"] = .bool(volume.readOnly)
        return .object(object)
    }

    private static func document(_ secret: TaskSpec.Secret) -> JSONValue {
        var object = JSONObject()
        object.set("name", secret.name)
        object.set("version", secret.version)
        object.set("path", secret.path)
        object.set("environment", secret.environment)
        return .object(object)
    }

    private static func document(_ port: TaskSpec.Port) -> JSONValue {
        var object = JSONObject()
        object["container"] = .integer(Int64(port.container))
        object.set("host", Int64(port.host))
        object.set("address", port.address)
        object.set("transport", port.transport)
        object.set("name", port.name)
        return .object(object)
    }

    private static func document(of limits: TaskSpec.Limits) throws(ApolloError) -> JSONValue {
        var object = JSONObject()
        if limits.cpu != 0 { try object.set("cpu", limits.cpu) }
        object.set("memory", limits.memory)
        object.set("disk", limits.disk)
        object.set("gpus", Int64(limits.gpus))
        object.set("processes", limits.processes)
        return .object(object)
    }

    private static func document(_ condition: TaskSpec.Condition) -> JSONValue {
        var object = JSONObject()
        object.set("label", condition.label)
        object.set("relation", condition.relation)
        object.set("values", condition.values)
        return .object(object)
    }

    private static func document(_ preference: TaskSpec.Preference) -> JSONValue {
        var object = JSONObject()
        if let condition = preference.condition { object["condition"] = document(condition) }
        if let weight = preference.weight { object["weight"] = .integer(Int64(weight)) }
        return .object(object)
    }

    private static func document(_ spread: TaskSpec.Spread) -> JSONValue {
        var object = JSONObject()
        object.set("over", spread.over)
        if let skew = spread.maximumSkew { object["maximumSkew"] = .integer(Int64(skew)) }
        return .object(object)
    }

    private static func document(of restart: TaskSpec.Restarts) throws(ApolloError) -> JSONValue {
        var object = JSONObject()
        object.set("mode", restart.mode)
        if let attempts = restart.attempts { object["attempts"] = .integer(Int64(attempts)) }
        try object.set("wait", restart.wait)
        try object.set("factor", restart.factor)
        try object.set("maximumWait", restart.maximumWait)
        try object.set("window", restart.window)
        if let same = restart.sameNode { object["sameNode"] = .integer(Int64(same)) }
        return .object(object)
    }
}
