import APIMessages
import Arguments
import PlatformClients
import Terminal

/// `apollo version`.
enum VersionCommand {
    /// Of this program.
    static let version = "0.1.0"

    private struct Report: Encodable {
        var client: String
        var platform: String
        var api: String
        var address: String
    }

    static let command = Command(
        "version", summary: "Say which platform answers, and where",
        examples: [Example("is it there?", "apollo version")]
    ) { invocation in
        let session = try Session(invocation)
        let platform = try await session.withClient { try await $0.version() }
        let report = Report(
            client: version, platform: platform.version, api: platform.api,
            address: try session.resolvedAddress())
        try session.output.write(
            report, as: session.format,
            fields: [
                ("Client", report.client), ("Platform", report.platform), ("API", report.api),
                ("Address", report.address),
            ])
        return .success
    }
}
