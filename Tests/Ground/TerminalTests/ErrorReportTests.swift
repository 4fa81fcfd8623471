import Core
import Terminal
import Testing

@Suite struct ErrorReportTests {
    @Test func `an error says what failed, in which fields, and what to try`() {
        let error = ApolloError(
            .invalid, "the task cannot be made", hint: "see 'apollo task run --help'",
            fields: [
                FieldError(path: "resources.memory", message: "must be at least 4Mi"),
                FieldError(path: "", message: "is too large"),
            ])
        let report = ErrorReport(error, program: "apollo")
        #expect(
            report.text == """
                apollo: the task cannot be made
                  resources.memory: must be at least 4Mi
                  is too large
                hint: see 'apollo task run --help'

                """)
        #expect(report.exitCode == 65)
    }

    @Test(arguments: ErrorKind.allCases)
    func `the exit code is the kind's`(kind: ErrorKind) {
        #expect(ErrorReport(ApolloError(kind, "x"), program: "p").exitCode == kind.exitCode)
    }

    @Test func `a closed pipe is no failure to talk about`() {
        let report = ErrorReport(OutputError.closed, program: "apollo")
        #expect(report.text == "" && report.exitCode == 141)
    }

    @Test func `other errors are told too`() {
        #expect(ErrorReport(CancellationError(), program: "p").text == "p: interrupted\n")
        #expect(ErrorReport(CancellationError(), program: "p").exitCode == 130)
        #expect(
            ErrorReport(OutputError.failed(errno: 28), program: "p").text.contains("No space left on device"))
        struct Odd: Error {}
        #expect(ErrorReport(Odd(), program: "p").text.hasPrefix("p: Odd()\nhint: this is a fault of Apollo"))
    }

    @Test func `lines of a message stay lines, and nothing in them acts`() {
        let error = ApolloError(.unavailable, "the engine said:\nfirst\u{1b}[2J\r\nsecond")
        #expect(
            ErrorReport(error, program: "p").text == "p: the engine said:\n  first\\u{1b}[2J\n  second\n")
    }
}
