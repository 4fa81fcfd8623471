/// How names of `.proto` files become names of Swift; docs/design/protobuf.md has the rules.
enum SwiftName {
    /// Parts of names that Swift writes in capitals.
    private static let capitals: [String: String] = [
        "id": "ID", "ids": "IDs", "url": "URL", "uri": "URI", "http": "HTTP", "https": "HTTPS", "ip": "IP",
        "cpu": "CPU", "gpu": "GPU", "tls": "TLS", "json": "JSON", "grpc": "GRPC",
    ]

    private static let keywords: Set<String> = [
        "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit",
        "do",
        "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if",
        "import",
        "in", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol",
        "public", "repeat", "rethrows", "return", "static", "struct", "subscript", "super", "switch", "throw",
        "throws", "true", "try", "typealias", "var", "where", "while", "await", "actor", "any", "some",
    ]

    /// What every message and enumeration has, or what Swift does not let be a member.
    private static let members: Set<String> = [
        "init", "self", "unknownFields", "merge", "write", "hash", "hashValue", "protobufBytes",
        "protobufName",
        "protobufNames", "description", "rawValue",
    ]

    /// Types that generated code speaks of, and what Swift does not let be a type.
    private static let types: Set<String> = [
        "Type", "Protocol", "Self", "Any", "String", "Bool", "Int", "Int32", "Int64", "UInt8", "UInt32",
        "UInt64",
        "Float", "Double", "Optional", "Task", "Protobuf",
    ]

    /// A property or a constant: `node_id` is `nodeID`.
    static func member(_ name: String) -> String {
        let parts = name.split(separator: "_").map(String.init)
        var result = parts.first.map(lowered) ?? name
        for part in parts.dropFirst() { result += capitals[part] ?? raised(part) }
        if result.first.map({ $0.isNumber }) ?? true { result = "_" + result }
        if members.contains(result) { return result + "_" }
        return result
    }

    /// A type: `node_state` and `NodeState` are `NodeState`.
    static func type(_ name: String) -> String {
        let result = name.split(separator: "_").map { raised(String($0)) }.joined()
        return types.contains(result) || result.hasPrefix("Protobuf") ? result + "_" : result
    }

    /// A value of an enumeration, without the name of the enumeration before it: `NODE_STATE_READY` of `NodeState` is `ready`.
    static func value(_ name: String, of enumeration: String) -> String {
        let prefix = enumeration.replacingCamels().uppercased() + "_"
        var rest = name
        if name.uppercased().hasPrefix(prefix) {
            let tail = name.dropFirst(prefix.count)
            if let first = tail.first, !first.isNumber { rest = String(tail) }
        }
        return member(rest.uppercased() == rest ? rest.lowercased() : rest)
    }

    /// The name where it declares or stands alone: keywords in back quotes.
    static func escaped(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

    static func lowered(_ part: String) -> String {
        // A part in capitals is one word: HTTP is http, and not hTTP.
        part.uppercased() == part ? part.lowercased() : part.prefix(1).lowercased() + part.dropFirst()
    }

    static func raised(_ part: String) -> String {
        part.prefix(1).uppercased() + part.dropFirst()
    }
}

extension String {
    /// `NodeState` as `Node_State`, `HTTPKind` as `HTTP_Kind`.
    fileprivate func replacingCamels() -> String {
        var result = ""
        let letters = Array(self)
        for (index, letter) in letters.enumerated() {
            if index > 0, letter.isUppercase {
                let follows = letters[index - 1].isLowercase || letters[index - 1].isNumber
                let begins =
                    letters[index - 1].isUppercase && index + 1 < letters.count
                    && letters[index + 1].isLowercase
                if follows || begins { result += "_" }
            }
            result.append(letter)
        }
        return result
    }
}
