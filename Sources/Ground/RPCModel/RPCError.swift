public import Core

/// How a call failed: the status that gRPC carries, with what a person can do about it.
public struct RPCError: Error, Hashable, Sendable {
    public var code: RPCCode
    /// What failed, and on what. One sentence, no trailing period, no secret.
    public var message: String
    /// The kind of failure where the other end is Apollo, and the nearest to its code elsewhere.
    public var kind: ErrorKind
    /// What can be tried.
    public var hint: String?
    /// The fields of the request at fault.
    public var fields: [FieldError]
    /// The metadata that came with the failure.
    public var metadata = RPCMetadata()

    /// - Precondition: the code is not `ok`.
    public init(_ code: RPCCode, _ message: String, hint: String? = nil, fields: [FieldError] = []) {
        guard let kind = code.kind else { preconditionFailure("ok is no failure") }
        self.code = code
        self.message = message
        self.kind = kind
        self.hint = hint
        self.fields = fields
    }

    /// The failure as it crosses to another program.
    public init(_ error: ApolloError) {
        code = RPCCode(error.kind)
        message = error.message
        kind = error.kind
        hint = error.hint
        fields = error.fields
    }

    /// What a client makes of a status: `details` is the value of `grpc-status-details-bin`, empty where there is none.
    public init(code: RPCCode, message: String, details: [UInt8], metadata: RPCMetadata = RPCMetadata()) {
        self.init(
            code == .ok ? .internal : code, message.isEmpty ? "the call failed with \(code.name)" : message)
        if let read = RPCErrorDetails(reading: details) {
            if let kind = read.kind, RPCCode(kind) == code { self.kind = kind }
            hint = read.hint
            fields = read.fields
        }
        self.metadata = metadata
    }

    /// The failure for a person, or for who asked this program.
    public var apolloError: ApolloError { ApolloError(kind, message, hint: hint, fields: fields) }
}

extension RPCError: CustomStringConvertible {
    public var description: String { "\(code.name): \(apolloError)" }
}

extension ApolloError {
    /// What a call's failure is called in this program's own vocabulary.
    public init(_ error: RPCError) { self = error.apolloError }
}
