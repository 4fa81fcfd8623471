import Benchmarks

/// `apollo-bench http`: the server, bare and under the API.
enum HTTPSuite {
    static let suite = Suite(
        "http", summary: "Measure the HTTP server, bare and under the API",
        cases: [
            HelloCases.hello(connections: 64), HelloCases.hello(connections: 1000), HelloCases.processor,
            TaskReadCase.benchmark, IdentityCheckCase.benchmark, EchoCase.benchmark, TransferCases.download,
            TransferCases.upload,
            HelloCases.tls,
        ])
}
