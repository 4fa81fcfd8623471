/// How a server wants to be told who asks: `WWW-Authenticate` (RFC 9110, section 11.6.1).
package struct AuthenticationChallenge: Hashable {
    /// In lower case: `bearer`, `basic`.
    package var scheme: String
    /// By their names in lower case.
    package var parameters: [String: String]

    /// Reads one challenge of one field; nil where it is none. A field with several gives the first.
    package init?(parsing text: String) {
        var rest = Substring(text).drop { $0 == " " }
        let scheme = rest.prefix { $0 != " " }
        guard !scheme.isEmpty, scheme.allSatisfy({ $0.isLetter || $0 == "-" }) else { return nil }
        self.scheme = scheme.lowercased()
        rest = rest.dropFirst(scheme.count)
        parameters = [:]
        while true {
            rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
            let name = rest.prefix { $0 != "=" && $0 != " " && $0 != "," }
            guard !name.isEmpty, parameters.count < 32 else { return }
            rest = rest.dropFirst(name.count)
            // A word without a value begins the next challenge.
            guard rest.first == "=" else { return }
            rest = rest.dropFirst()
            parameters[name.lowercased()] = Self.value(&rest)
        }
    }

    private static func value(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != "," && $0 != " " }
            rest = rest.dropFirst(token.count)
            return String(token)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            value.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
        }
        return value
    }
}
