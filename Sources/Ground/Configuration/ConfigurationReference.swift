import Core
import Documents
import YAML

extension Settings {
    /// A file of all settings with their meanings, each with its default behind a comment mark: what
    /// `apollo config example` prints. It loads as it is, and each line works when its mark is taken away.
    public func example() -> String {
        var text = """
            # All settings of Apollo. What is behind a comment mark shows the default: take the mark away to change it.
            # A variable of the environment goes before this file, and a flag before both.

            """
        var open: [String] = []
        for declaration in declarations {
            let steps = declaration.steps
            let groups = Array(steps.dropLast())
            let common = zip(open, groups).prefix { $0 == $1 }.count
            for (level, group) in groups.enumerated() where level >= common {
                text += "\n" + Self.margin(level) + group + ":\n"
            }
            if common == groups.count { text += "\n" }
            open = groups
            let margin = Self.margin(groups.count)
            for line in Self.lines(declaration.help, width: 110 - margin.count) {
                text += "\(margin)# \(line)\n"
            }
            text += "\(margin)# Must be \(declaration.expectation). Variable: \(declaration.variable)\n"
            if declaration.example != nil || declaration.defaultValue == nil {
                text += "\(margin)# Default: \(declaration.defaultDescription)\n"
            }
            let value = declaration.example ?? YAMLWriter.inline(declaration.defaultValue ?? .null)
            text += "\(margin)# \(steps[steps.count - 1]): \(value)\n"
        }
        return text
    }

    /// The reference of all settings, as a page of the manual.
    public func markdown() -> String {
        var text = """
            # Settings

            Made from the program itself; `apollo config reference` prints it.

            A setting has its default, unless the configuration file, a variable of the environment, or a flag says \
            otherwise: each goes before the one it is named after here. `apollo config show` tells where each value \
            comes from.

            The file is YAML: `--config PATH`, else `APOLLO_CONFIG`, else `~/.config/apollo/apollo.yaml`, else \
            `/etc/apollo/apollo.yaml`. The dots of a setting's name are its levels in the file.

            """
        for declaration in declarations {
            text += "\n## \(declaration.key)\n\n\(declaration.help)\n\n"
            text += "- Must be \(declaration.expectation).\n"
            text += "- Default: \(declaration.defaultDescription)\n"
            text += "- Variable: `\(declaration.variable)`\n"
            if let flag = declaration.flag { text += "- Flag: `--\(flag)`\n" }
            if declaration.isSecret { text += "- Secret: hidden in `apollo config show`, and no flag.\n" }
        }
        return text
    }

    private static func margin(_ level: Int) -> String { String(repeating: " ", count: level * 2) }

    private static func lines(_ text: String, width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + word.count + 3 > width { lines.append("") }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
        }
        return lines
    }
}
