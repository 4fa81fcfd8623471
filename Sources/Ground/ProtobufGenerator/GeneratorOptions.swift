/// What `--apollo_opt` says: `module=NAME`, the Swift module that the code is for, and `import=FILE:NAME`, which module has the code
/// of another file.
struct GeneratorOptions {
    var module = ""
    var modules: [String: String] = [:]

    init(parsing text: String) throws(GeneratorError) {
        for option in text.split(separator: ",") {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first, parts.count) {
            case ("module", 2): module = parts[1]
            case ("import", 2):
                guard let colon = parts[1].lastIndex(of: ":") else {
                    throw GeneratorError(file: "", problem: "the option '\(option)' has no ':MODULE'")
                }
                modules[String(parts[1][..<colon])] = String(parts[1][parts[1].index(after: colon)...])
            default:
                throw GeneratorError(
                    file: "",
                    problem: "there is no option '\(option)'; there are module=NAME and import=FILE:NAME")
            }
        }
    }
}
