/// The code of one enumeration.
struct EnumSource {
    let enumeration: EnumDescriptor
    /// Its full name, with a dot before it.
    let name: String
    let path: [Int32]
    let comments: Comments

    func write(to text: inout SourceText) {
        let type = SwiftName.type(enumeration.name)
        text.comment(comments.text(path, otherwise: "`\(name.dropFirst())`.")!)
        text.line("public struct \(type): ProtobufEnumeration {")
        var names: [String] = []
        var seen: Set<Int32> = []
        for (index, value) in enumeration.value.enumerated() {
            let swift = SwiftName.value(value.name, of: enumeration.name)
            if let comment = comments.text(path + [2, Int32(index)]) {
                for line in comment.split(separator: "\n", omittingEmptySubsequences: false) {
                    text.line(line.isEmpty ? "    ///" : "    /// \(line)")
                }
            }
            text.line(
                "    public static let \(SwiftName.escaped(swift)) = \(type)(rawValue: \(value.number))")
            if seen.insert(value.number).inserted { names.append("\(value.number): \"\(value.name)\"") }
        }
        text.line()
        text.line("    public let rawValue: Int32")
        text.line()
        text.line("    public init(rawValue: Int32) { self.rawValue = rawValue }")
        text.line()
        text.line("    public static let protobufNames: [Int32: String] = [")
        for name in names { text.line("        \(name),") }
        text.line("    ]")
        text.line("}")
    }
}
