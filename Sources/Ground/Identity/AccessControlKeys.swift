public import Core

extension AccessControl {
    /// The credential of whoever has proved, by a signature that the caller has verified, to hold a key. It is not one of the
    /// tokens that are known here: only its end, and whether its owner is kept out, are looked at.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated`.
    public func authenticate(verified key: StoredToken, at now: Timestamp) throws(ApolloError) -> Credential {
        try change { state throws(ApolloError) in try state.authenticator.check(key, at: now) }
        return Credential(key)
    }
}
