import Core

/// A file of settings as Amazon's tools have them: sections with `name = value` lines, and settings of one service indented below
/// its name ("Configuration and credential file settings in the AWS CLI").
struct ProfileFile: Hashable, Sendable {
    /// By section (`default`, `profile work`, `services local`); names below another are `s3.addressing_style`.
    private(set) var sections: [String: [String: String]] = [:]

    /// - Throws: ``ApolloError`` of kind `invalid`, with the line.
    init(_ text: String, file: String) throws(ApolloError) {
        var section: String?
        var outer: String?
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let bare = Self.trimmed(line)
            guard let first = bare.first, first != "#", first != ";" else { continue }
            if first == "[" {
                guard let end = bare.firstIndex(of: "]") else {
                    throw Self.fault("a section has no ]", file, number)
                }
                let words = bare[bare.index(after: bare.startIndex)..<end].split(
                    whereSeparator: \.isWhitespace)
                section = words.joined(separator: " ")
                sections[section ?? "", default: [:]].merge([:]) { old, _ in old }
                outer = nil
                continue
            }
            guard let section else { throw Self.fault("a setting stands before any section", file, number) }
            guard let equals = bare.firstIndex(of: "=") else {
                throw Self.fault("a line is neither [SECTION] nor NAME = VALUE", file, number)
            }
            var name = Self.trimmed(bare[..<equals]).lowercased()
            let value = String(Self.trimmed(bare[bare.index(after: equals)...]))
            if let outer, line.first?.isWhitespace ?? false {
                name = "\(outer).\(name)"
            } else {
                outer = value.isEmpty ? name : nil
            }
            sections[section, default: [:]][name] = value
        }
    }

    /// The settings of a profile: credentials files name it alone, configuration files with `profile` before it.
    func profile(_ name: String) -> [String: String]? {
        sections["profile \(name)"] ?? sections[name]
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text = text.dropLast() }
        return text
    }

    private static func fault(_ what: String, _ file: String, _ number: Int) -> ApolloError {
        ApolloError(.invalid, "\(file), line \(number + 1): \(what)", hint: "mend it, or name another file")
    }
}
