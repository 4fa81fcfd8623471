import Core
import Documents
import TaskRuntimes

/// One line of the stream that `/images/create` answers with.
struct PullMessage: Hashable, Sendable, Decodable {
    struct Detail: Hashable, Sendable, Decodable {
        var current: Int64?
        var total: Int64?
    }

    struct Failure: Hashable, Sendable, Decodable { var message: String? }

    /// The layer it speaks of.
    var id: String?
    var status: String?
    var progressDetail: Detail?
    var error: String?
    var errorDetail: Failure?

    init(parsing line: [UInt8]) throws {
        self = try JSONReader.decode(PullMessage.self, from: line)
    }
}

/// Adds up what the layers of an image have come to. Pure.
struct PullProgress {
    private struct Layer {
        var current: Int64 = 0
        var total: Int64 = 0
    }

    private let activity: String
    private var layers: [String: Layer] = [:]
    /// A registry that names more layers than any image has is not followed further.
    private static let maximumLayers = 1024

    init(image: ImageReference) { activity = "pulling \(image)" }

    /// Takes the next message.
    mutating func apply(_ message: PullMessage) {
        guard let id = message.id, let status = message.status else { return }
        guard layers[id] != nil || layers.count < Self.maximumLayers else { return }
        switch status {
        case "Downloading":
            var layer = layers[id] ?? Layer()
            layer.current = max(layer.current, message.progressDetail?.current ?? 0)
            layer.total = max(layer.total, message.progressDetail?.total ?? 0, layer.current)
            layers[id] = layer
        case "Download complete", "Verifying Checksum", "Extracting", "Pull complete":
            if let total = layers[id]?.total { layers[id]?.current = total }
        default:
            break
        }
    }

    /// Where it stands.
    var current: LaunchProgress {
        guard !layers.isEmpty else { return LaunchProgress(activity: activity) }
        return LaunchProgress(
            activity: activity, completedBytes: layers.values.reduce(0) { $0 &+ $1.current },
            totalBytes: layers.values.reduce(0) { $0 &+ $1.total })
    }
}

/// What an engine's message about a failed pull means. The registries and engines have no codes for it that arrive here.
enum PullFailure {
    static func runtimeError(_ message: String, image: ImageReference) -> RuntimeError {
        func says(_ phrases: String...) -> Bool { phrases.contains { message.contains($0) } }
        if says("no space left on device") {
            return .exhausted(
                "cannot pull '\(image)': the engine's disk is full",
                hint: "remove images that are not needed, for example with docker image prune")
        }
        if says("toomanyrequests", "rate limit") {
            return .unavailable(
                "cannot pull '\(image)': the registry limits the rate: \(message)",
                hint: "try again later, or log in to the registry with docker login and docker pull")
        }
        if says(
            "manifest unknown", "not found: manifest", "repository does not exist", "name unknown",
            "not found")
        {
            return .rejected(
                "image '\(image)' does not exist, or its registry does not show it: \(message)",
                hint: "check the name and the tag; docker pull \(image) tries it by hand")
        }
        if says("unauthorized", "denied", "authentication required", "no basic auth") {
            return .rejected(
                "the registry does not give image '\(image)' to this engine: \(message)",
                hint: "log in and fetch it by hand: docker login, docker pull \(image)")
        }
        if says("invalid reference format", "no matching manifest") {
            return .rejected(
                "image '\(image)' cannot be used: \(message)", hint: "check the name and the platform")
        }
        return .unavailable(
            "cannot pull '\(image)': \(message)",
            hint: "check the network, or load the image with docker load")
    }
}
