import Arguments
import Core
import ObjectTransfers
import Terminal

/// `apollo blob sync`.
enum BlobSyncCommand {
    private static let source = Parameter.argument(
        BlobCommand.place.named("SOURCE"), help: "The folder to follow: s3://BUCKET/PREFIX, or one of files.")
    private static let target = Parameter.argument(
        BlobCommand.place.named("TARGET"), help: "The one that is made like it.")
    private static let deletes = Parameter.flag(
        "delete", help: "Remove what only the target has, once all is copied.")
    private static let checksum = Parameter.flag(
        "checksum", help: "Compare what is in them, rather than when they were written.")
    private static let sizeOnly = Parameter.flag("size-only", help: "Compare their sizes alone.")

    static let command = Command(
        "sync", summary: "Make a folder like another, by copying what differs",
        discussion: """
            One of the two is in the store, or both. A file is copied where the target has none of its name, one of another size, or \
            one that was written before it; files that come from the store get its time. What only the target has stays, unless \
            --delete is given: then it is removed, after everything was copied without a failure. Links are not followed.

            --checksum reads all files of one size, and compares them with the checksums that the store has. Those of large objects \
            which other programs sent in parts of another size say nothing here: such files are copied.

            \(BlobTransfers.filterText) What is left out is not removed either.
            """,
        parameters: [
            source, target, deletes, checksum, sizeOnly, BlobTransfers.include, BlobTransfers.exclude,
            BlobTransfers.dryRun, BlobTransfers.parallel,
        ],
        examples: [
            Example("into the store", "apollo blob sync site s3://www"),
            Example("what it would do", "apollo blob sync --delete --dry-run site s3://www"),
            Example("back, without some", "apollo blob sync --exclude '*.tmp' s3://www/drafts drafts"),
            Example("a copy within the store", "apollo blob sync --delete s3://www s3://backup/www"),
        ], seeAlso: ["apollo blob cp"]
    ) { invocation in
        let session = try Session(invocation)
        let (source, target) = (invocation[source], invocation[target])
        if case .file = source, case .file = target {
            throw invocation.usageError("one of the two has to be s3://BUCKET/PREFIX")
        }
        guard !invocation[checksum] || !invocation[sizeOnly] else {
            throw invocation.usageError("give --checksum or --size-only, not both")
        }
        let comparison: SyncPlan.Comparison =
            invocation[checksum] ? .checksum : invocation[sizeOnly] ? .size : .sizeAndTime
        let filter = BlobTransfers.filter(invocation)
        let (isDryRun, deletes) = (invocation[BlobTransfers.dryRun], invocation[deletes])
        try await BlobTransfers.with(session, invocation) { transfers, display in
            let sync = FolderSync(transfers, from: source, to: target, by: comparison, filter: filter)
            let plan = try await sync.plan(removes: deletes)
            if isDryRun {
                return try BlobTransfers.tell(plan.copies + plan.removals, session, isDryRun: true)
            }
            let options = TransferOptions()
            var report = try await BlobTransfers.run(
                plan.copies, options, transfers, display, session, label: "copying")
            if report.error == nil {
                let removed = try await BlobTransfers.run(
                    plan.removals, options, transfers, display, session, label: "removing")
                report.append(removed)
            }
            try BlobTransfers.tell(report.done, session)
            try session.errors.write(
                "\(report.done.count) done, \(plan.unchanged) unchanged\n")
            try BlobTransfers.check(report, session)
        }
        return .success
    }
}
