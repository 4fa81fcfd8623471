/// Names of environment variables.
public enum EnvironmentName {
    /// A name as part of a variable's: what is no letter or digit is `_`.
    public static func part(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}
