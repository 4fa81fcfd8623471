import Arguments
import Core
import Terminal

enum FailCommand {
    static let kind = Parameter.argument(
        .choice(ErrorKind.self, "KIND"), help: "How to fail.")

    static func command(_ sample: Sample) -> Command {
        Command("fail", summary: "Fail", parameters: [kind]) { invocation in
            throw ApolloError(
                invocation[kind], "the ant did not come", hint: "try sugar",
                fields: [FieldError(path: "legs", message: "must be 6, not 5")])
        }
    }
}
