public import Core

/// What a password must be. Length is what counts; the rest keeps out what is no password at all.
public enum PasswordRules {
    public static let minimumLength = 10
    public static let maximumBytes = 1024

    /// What is wrong with `password` for the user `name`, or nil.
    public static func fault(in password: String, for name: String) -> String? {
        let scalars = Array(password.unicodeScalars)
        if scalars.count < minimumLength { return "must have at least \(minimumLength) characters" }
        if password.utf8.count > maximumBytes { return "must have at most \(maximumBytes) bytes" }
        if scalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return "must not have control characters"
        }
        if Set(scalars).count < 5 { return "must have at least 5 different characters" }
        let steps = zip(scalars, scalars.dropFirst()).map { Int($1.value) - Int($0.value) }
        if Set(steps).count == 1 { return "must not be a row of characters, such as abcdefghij" }
        if name.count >= 3, password.lowercased().contains(name.lowercased()) {
            return "must not have the user's name in it"
        }
        return nil
    }

    /// - Throws: ``ApolloError`` of kind `invalid` on the field `password`. It never repeats the password.
    public static func check(_ password: String, for name: String) throws(ApolloError) {
        guard let fault = fault(in: password, for: name) else { return }
        throw ApolloError(
            .invalid, "the password cannot be taken: it \(fault)",
            hint: "a few words that only you put together",
            fields: [FieldError(path: "password", message: fault)])
    }
}
