/// What the labels of nodes may be called: what people can tell from the signs around it, as in `zone=a` and `!zone`.
public enum LabelName {
    /// 1 to 253 letters, digits, `-`, `_`, `.` and `/`, of ASCII.
    public static func isValid(_ text: some StringProtocol) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-")...UInt8(ascii: "/"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// What is right, to stand after "is not a label's name: ".
    public static let expectation = "it has letters, digits, '-', '_', '.' and '/'"
}
