import Arguments

/// What tokens and access keys are good for, less than their owners.
enum CredentialLimits {
    private static let levels = ["list", "read", "write", "manage"]

    static let level = Parameter.option(
        "permission",
        ValueType<String>(
            "PERMISSION", expecting: "list, read, write or manage", choices: levels
        ) { levels.contains($0) ? $0 : nil },
        help: "The highest level it is good for; all of yours unless said.")
    static let resources = Parameter.repeated(
        "on", .text("URI"), help: "What it is good for, and all under it; everything unless said.")
}
