import APIMessages
import APIServers
import Buses
import Concurrency
import Core
import Documents
import HTTPRouting
import Identity
import Jobs
import Managers

/// Tells what changes as server-sent events, to one caller, who is asked for their rights at each.
struct EventFollower {
    let bus: any Bus
    let caller: Caller
    /// The project whose tasks are wanted; nil for all.
    let project: String?
    /// Who leads; nil where there is one manager.
    let leader: ManagerDescription?

    func run(into pieces: Mailbox<[UInt8]>) async throws {
        let tasks = try await subscribe(project.map { ManagerEvents.tasks(in: $0) } ?? ManagerEvents.tasks)
        let jobs = try await subscribe(project.map { JobEvents.jobs(in: $0) } ?? JobEvents.jobs)
        let nodes = try await subscribe(ManagerEvents.nodes)
        try await pieces.sendWaiting(ServerSentEvent(event: "ready", data: "{}").bytes)
        if let leader, await mayList(Resources.nodes) {
            let json = String(decoding: try JSONWriter.bytes(encoding: leader), as: UTF8.self)
            try await pieces.sendWaiting(ServerSentEvent(event: "leader", data: json).bytes)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await follow(tasks, into: pieces) }
            group.addTask { try await follow(jobs, into: pieces) }
            group.addTask { try await follow(nodes, into: pieces) }
            try await group.waitForAll()
        }
    }

    private func subscribe(_ pattern: String) async throws -> any BusSubscription {
        guard let pattern = SubjectPattern(parsing: pattern) else {
            throw ApolloError(.invalid, "nothing is told about '\(pattern)'")
        }
        do {
            return try await bus.subscribe(
                pattern, SubscriptionOptions(capacity: 1024, overflow: .dropOldest))
        } catch {
            throw error.asApolloError
        }
    }

    private func follow(_ subscription: any BusSubscription, into pieces: Mailbox<[UInt8]>) async throws {
        while let batch = try await next(subscription) {
            var bytes: [UInt8] = []
            if batch.missed > 0 {
                bytes += ServerSentEvent(event: "missed", data: "{\"count\":\(batch.missed)}").bytes
            }
            for message in batch.messages where await mayKnow(of: message) {
                bytes += Self.event(message).bytes
            }
            if !bytes.isEmpty { try await pieces.sendWaiting(bytes) }
        }
    }

    private func next(_ subscription: any BusSubscription) async throws -> BusBatch? {
        do throws(BusError) {
            return try await subscription.nextBatch()
        } catch .cancelled {
            throw CancellationError()
        } catch {
            throw error.asApolloError
        }
    }

    private func mayKnow(of message: BusMessage) async -> Bool {
        let tokens = message.subject.tokens
        return await mayList {
            switch tokens[0] {
            case "tasks": try Resources.all(.task, in: String(tokens[1]))
            case "jobs": try Resources.all(.job, in: String(tokens[1]))
            default: try Resources.nodes()
            }
        }
    }

    private func mayList(_ resource: () throws -> ResourceURI) async -> Bool {
        do {
            try await caller.require(Caller.Permission(.list, try resource()))
            return true
        } catch {
            return false  // What the caller may not list has not changed for them.
        }
    }

    private static func event(_ message: BusMessage) -> ServerSentEvent {
        let tokens = message.subject.tokens
        let kind = tokens[0].dropLast()
        let name = tokens.last == "removed" ? "\(kind)-removed" : "\(kind)"
        return ServerSentEvent(event: name, data: String(decoding: message.payload, as: UTF8.self))
    }
}
