import Core
public import Documents

// Records as JSON, member by member as their encoding has it. By hand, for each change of each task is written: through an
// encoder it took most of what a task costs its manager. What is rarely there goes through the encoder all the same.

extension TaskRecord {
    /// Writes the bytes that ``JSONWriter/bytes(encodingInOrder:)`` makes of it. Its numbers have to be finite, as the schema's are.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id.text)
        writer.member("name", name)
        writer.member("project", project)
        writer.member("revision", revision)
        writer.member("spec")
        spec.write(to: &writer)
        writer.member("desired", desired.rawValue)
        writer.member("state", state.rawValue)
        writer.member("reason", reason)
        writer.member("attempts")
        writer.beginArray()
        for attempt in attempts { attempt.write(to: &writer) }
        writer.endArray()
        writer.member("attemptCount", Int64(attemptCount))
        writer.member("restartStreak", Int64(restartStreak))
        if let nodeStreak { writer.member("nodeStreak", Int64(nodeStreak)) }
        if let startBy { writer.member("startBy", startBy.description) }
        if let notBefore { writer.member("notBefore", notBefore.description) }
        writer.member("createdAt", createdAt.description)
        writer.member("createdBy", createdBy)
        if let finishedAt { writer.member("finishedAt", finishedAt.description) }
        writer.endObject()
    }
}

extension Attempt {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id.text)
        writer.member("number", Int64(number))
        writer.member("node", node.text)
        writer.member("epoch", epoch)
        writer.member("state", state.rawValue)
        writer.member("createdAt", createdAt.description)
        if let startedAt { writer.member("startedAt", startedAt.description) }
        if let endedAt { writer.member("endedAt", endedAt.description) }
        if let outcome { writer.member("outcome", outcome.rawValue) }
        if let exitCode { writer.member("exitCode", Int64(exitCode)) }
        if let reason { writer.member("reason", reason) }
        writer.member("ports", encoding: ports)
        if let gpus { writer.member("gpus", encoding: gpus) }
        if let health { writer.member("health", encoding: health) }
        writer.endObject()
    }
}

extension TaskSpec {
    /// Writes the bytes that ``JSONWriter/bytes(encodingInOrder:)`` makes of it. Its numbers have to be finite, as the schema's are.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if let image { writer.member("image", image) }
        if let executable { writer.member("executable", executable) }
        if let requestedRuntime { writer.member("runtime", requestedRuntime.rawValue) }
        writer.member("command", command)
        writer.member("entrypoint", entrypoint)
        writer.member("environment", environment)
        if let workingDirectory { writer.member("workingDirectory", workingDirectory) }
        if let user { writer.member("user", user) }
        writer.member("mounts", encoding: mounts)
        writer.member("volumes", encoding: volumes)
        writer.member("secrets", encoding: secrets)
        writer.member("ports", encoding: ports)
        writer.member("resources")
        resources.write(to: &writer)
        writer.member("constraints", encoding: constraints)
        writer.member("affinities", encoding: affinities)
        if let group { writer.member("group", group) }
        if let spread { writer.member("spread", encoding: spread) }
        writer.member("apart")
        writer.bool(apart)
        writer.member("restart")
        restart.write(to: &writer)
        writer.member("pull", pull.rawValue)
        writer.member("labels", labels)
        writer.member("priority", Int64(priority))
        writer.member("onDisconnect", onDisconnect.rawValue)
        writer.member("stopAfter", stopAfter)
        writer.member("stopGrace", stopGrace)
        if let timeout { writer.member("timeout", timeout) }
        if let startWithin { writer.member("startWithin", startWithin) }
        if let finishWithin { writer.member("finishWithin", finishWithin) }
        if let health { writer.member("health", encoding: health) }
        writer.endObject()
    }
}

extension Resources {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if let cpuMillis {
            writer.member("cpu")
            writer.shortest(Double(cpuMillis) / 1000)
        }
        if let memory { writer.member("memory", memory.bytes) }
        if let disk { writer.member("disk", disk.bytes) }
        if let gpus { writer.member("gpus", Int64(gpus)) }
        if let processes { writer.member("processes", processes) }
        writer.endObject()
    }
}

extension RestartPolicy {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("mode", mode.rawValue)
        if let attempts { writer.member("attempts", Int64(attempts)) }
        writer.member("wait", wait)
        writer.member("factor")
        writer.shortest(factor)
        writer.member("maximumWait", maximumWait)
        if let window { writer.member("window", window) }
        if let sameNode { writer.member("sameNode", Int64(sameNode)) }
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ seconds: Seconds) {
        member(name)
        shortest(seconds.value)
    }

    fileprivate mutating func member(_ name: StaticString, _ words: [String]) {
        member(name)
        beginArray()
        for word in words { string(word) }
        endArray()
    }

    fileprivate mutating func member(_ name: StaticString, _ table: [String: String]) {
        member(name)
        beginObject()
        if !table.isEmpty {
            for (key, value) in table.sorted(by: { $0.key < $1.key }) { field(key, value) }
        }
        endObject()
    }

    fileprivate mutating func member(_ name: StaticString, encoding list: [some Encodable]) {
        guard list.isEmpty else { return encode(name, list) }
        member(name)
        beginArray()
        endArray()
    }

    fileprivate mutating func member(_ name: StaticString, encoding value: some Encodable) {
        encode(name, value)
    }

    private mutating func encode(_ name: StaticString, _ value: some Encodable) {
        member(name)
        do {
            raw(try JSONWriter.bytes(encodingInOrder: value))
        } catch {
            // Strings, integers and finite numbers only: nothing in a record can fail to encode.
            preconditionFailure("a part of a task record does not encode: \(error)")
        }
    }
}
