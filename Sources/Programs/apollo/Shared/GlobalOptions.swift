import Arguments
import Configuration
import Core
import Terminal

/// The options every command understands.
enum GlobalOptions {
    static let data = Parameter.option(
        "data", .directory, help: "The platform's data directory, where its token and address are found.")
    static let address = Parameter.option(
        "address", .text("URL"),
        help:
            "Where the platform answers, such as http://127.0.0.1:7070; of several managers any, or all with commas between them."
    )
    static let tokenFile = Parameter.option(
        "token-file", .path,
        help: "A file with the token to show, instead of APOLLO_TOKEN or the data directory's.")
    static let authorities = Parameter.option(
        "ca-file", .path,
        help: "A PEM file with the authorities to trust for https, instead of APOLLO_CA_FILE or the system's."
    )
    static let context = Parameter.option(
        "context", .text("NAME"), help: "The platform to talk to, as 'apollo context ls' lists them.")
    static let project = Parameter.option(
        "project", .text("NAME"), help: "The project; the context's own, or 'default', unless said.")
    static let output = Parameter.option(
        "output", short: "o", .choice(OutputFormat.self, "FORMAT"), default: .table,
        help: "How results are printed.")
    static let config = Parameter.option("config", .path, help: "The configuration file.")

    static let group = ParameterGroup(
        "Everywhere", [data, context, address, tokenFile, authorities, project, output, config])
}
