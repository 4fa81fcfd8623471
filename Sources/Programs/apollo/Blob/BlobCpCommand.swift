import Arguments
import Concurrency
import Core
import Glibc
import ObjectClients
import Synchronization
import Terminal

/// `apollo blob cp`.
enum BlobCpCommand {
    private static let source = Parameter.argument(
        BlobCommand.place.named("SOURCE"), help: "What to copy: s3://BUCKET/KEY, or a file.")
    private static let target = Parameter.argument(
        BlobCommand.place.named("TARGET"),
        help: "Where to: with a slash at its end, and where a folder is, under the name that it has.")

    static let command = Command(
        "cp", aliases: ["copy"], summary: "Copy files and objects",
        discussion: """
            At least one of the two is in the store. What arrives is held against the store's checksum; a file gets its name \
            when it is whole. With --recursive a folder's files become objects under PREFIX, and the other way round.
            """,
        parameters: [source, target, BlobCommand.recursive],
        examples: [
            Example("a file into the store", "apollo blob cp november.csv s3://reports/2026/11.csv"),
            Example("and back", "apollo blob cp s3://reports/2026/11.csv ."),
            Example("a folder", "apollo blob cp --recursive site s3://www/"),
            Example("within the store", "apollo blob cp s3://reports/2026/11.csv s3://archive/"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let (source, target) = (invocation[source], invocation[target])
        if case .file = source, case .file = target {
            throw invocation.usageError("one of the two has to be s3://BUCKET/KEY: files are copied by 'cp'")
        }
        let isRecursive = invocation[BlobCommand.recursive]
        let made = try await session.withObjects { client in
            try await withProgress(on: session.errors, clock: LiveClock()) { display in
                let pool = BlockingPool(name: "files")
                let work = try await BlobCopyPlan.make(
                    client, source, to: target, isRecursive: isRecursive)
                let bar = display.start("copying", total: work.bytes)
                let done = Mutex<Int64>(0)
                for step in work.steps {
                    try await step.run(client, pool) { count in
                        bar.update(
                            done.withLock { done in
                                done += count
                                return done
                            })
                    }
                }
                return work.steps.map(\.targetText)
            }
        }
        for name in made { try session.output.write("\(name.printable)\n") }
        return .success
    }
}
