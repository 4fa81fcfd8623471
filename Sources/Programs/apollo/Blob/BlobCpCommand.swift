import Arguments
import Core
import HTTPModel
import ObjectTransfers
import Terminal

/// `apollo blob cp` and `apollo blob mv`.
enum BlobCpCommand {
    private static let source = Parameter.argument(
        BlobCommand.place.named("SOURCE"),
        help: "What to copy: s3://BUCKET/KEY, where the key may be a pattern, or a file.")
    private static let target = Parameter.argument(
        BlobCommand.place.named("TARGET"),
        help: "Where to: with a slash at its end, and where a folder is, under the name that it has.")
    private static let type = Parameter.option(
        "content-type", .text("TYPE"),
        help: "What is in the file, such as text/csv, for whoever reads the object.")
    private static let metadata = Parameter.repeated(
        "metadata", .keyValue, help: "Metadata that the object has.")

    private static let parameters: [any CommandParameter] = [
        source, target, BlobCommand.recursive, BlobTransfers.include, BlobTransfers.exclude,
        BlobTransfers.dryRun, BlobTransfers.parallel, type, metadata,
    ]
    private static let common = """
        At least one of the two is in the store. What arrives is held against the store's checksum; a file gets its name when it is \
        whole. With --recursive a folder's files become objects under PREFIX, and the other way round.

        From 64 MiB on what is copied goes in parts. Where that is interrupted, the same command goes on with the parts that are \
        there.

        """

    static let copy = Command(
        "cp", aliases: ["copy"], summary: "Copy files and objects",
        discussion: common + BlobTransfers.globText + "\n\n" + BlobTransfers.filterText,
        parameters: parameters,
        examples: [
            Example("a file into the store", "apollo blob cp november.csv s3://reports/2026/11.csv"),
            Example("and back", "apollo blob cp s3://reports/2026/11.csv ."),
            Example("a folder", "apollo blob cp --recursive site s3://www/"),
            Example("all that match", "apollo blob cp 's3://reports/2026/*.csv' ."),
            Example("within the store", "apollo blob cp s3://reports/2026/11.csv s3://archive/"),
        ], seeAlso: ["apollo blob sync"]
    ) { try await run($0, moves: false) }

    static let move = Command(
        "mv", aliases: ["move", "rename"], summary: "Move files and objects",
        discussion: "Each is removed where it was once it has arrived. " + common + BlobTransfers.globText
            + "\n\n" + BlobTransfers.filterText,
        parameters: parameters,
        examples: [
            Example(
                "rename an object", "apollo blob mv s3://reports/2026/11.csv s3://reports/2026/november.csv"),
            Example("put a log away", "apollo blob mv app.log.1 s3://logs/"),
            Example(
                "a folder within the store", "apollo blob mv --recursive s3://reports/2025 s3://archive/2025"),
        ]
    ) { try await run($0, moves: true) }

    private static func run(_ invocation: Invocation, moves: Bool) async throws -> ExitStatus {
        let session = try Session(invocation)
        let (source, target) = (invocation[source], invocation[target])
        if case .file = source, case .file = target {
            throw invocation.usageError(
                "one of the two has to be s3://BUCKET/KEY: files are \(moves ? "moved by 'mv'" : "copied by 'cp'")"
            )
        }
        var options = TransferOptions(movesSources: moves)
        if let type = invocation[type] { options.fields["Content-Type"] = type }
        for pair in invocation[metadata] { options.fields["x-amz-meta-\(pair.key)"] = pair.value }
        if case .object = source, !options.fields.lines.isEmpty {
            throw invocation.usageError("--content-type and --metadata are for files that become objects")
        }
        let isRecursive = invocation[BlobCommand.recursive]
        let filter = BlobTransfers.filter(invocation)
        let isDryRun = invocation[BlobTransfers.dryRun]
        let settled = options
        try await BlobTransfers.with(session, invocation) { transfers, display in
            let plan = try await CopyPlan.make(
                transfers, source, to: target, isRecursive: isRecursive, filter: filter)
            if isDryRun { return try BlobTransfers.tell(plan.steps, session, isDryRun: true) }
            let report = try await BlobTransfers.run(
                plan.steps, settled, transfers, display, session, label: moves ? "moving" : "copying")
            try BlobTransfers.tell(report.done, session)
            try BlobTransfers.check(report, session)
        }
        return .success
    }
}
