import Core
import Glibc

/// Every benchmark of Apollo, each measured against a peer in the same run.
@main
enum Bench {
    static let suites: [Suite] = [.http]

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if arguments.first == ServeHTTP.verb {
                try await ServeHTTP(arguments: Array(arguments.dropFirst())).run()
                return
            }
            switch try BenchOptions.parse(arguments, suites: suites) {
            case .help: Output.line(BenchOptions.help)
            case .list: list()
            case .run(let options): exit(await Runner(options: options).run() ? 0 : 1)
            }
        } catch let error as ApolloError {
            Output.error("apollo-bench: \(error)")
            exit(error.kind == .invalid ? 2 : error.kind.exitCode)
        } catch {
            Output.error("apollo-bench: \(error)")
            exit(70)
        }
    }

    private static func list() {
        for suite in suites {
            for benchmark in suite.cases {
                let peers = benchmark.peers.map { peer in
                    peer.version().map { "\(peer.name) \($0)" }
                        ?? "\(peer.name) (missing: \(peer.installation))"
                }
                Output.line(
                    "\(suite.name)  \(benchmark.name)  \(benchmark.unit)  \(peers.joined(separator: ", "))")
            }
        }
    }
}

/// What the program writes.
enum Output {
    static func line(_ text: String) { write(1, text) }
    static func error(_ text: String) { write(2, text) }

    private static func write(_ descriptor: Int32, _ text: String) {
        let bytes = Array((text + "\n").utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // Whoever reads is gone: there is no one left to tell.
            guard count > 0 || errno == EINTR else { return }
            sent += max(0, count)
        }
    }
}
