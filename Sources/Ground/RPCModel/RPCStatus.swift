import Core

/// How a call ended, as the wire has it.
public struct RPCStatus: Hashable, Sendable {
    /// The most bytes of a message; the wire may need three for each.
    static let maximumMessage = 1024

    public var code: RPCCode
    /// Empty for `ok`.
    public var message: String
    /// The value of `grpc-status-details-bin`; empty for none.
    public var details: [UInt8]

    public static let ok = RPCStatus(code: .ok, message: "", details: [])

    public init(code: RPCCode, message: String, details: [UInt8] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The status of a call whose handler threw `error`.
    ///
    /// What is no ``RPCError`` or `ApolloError`, and all of kind `internal`, is a fault of this program's own: its cause goes to the
    /// log under the request's id, and only there.
    public init(_ error: any Error, requestID: String) {
        let failure = RPCStatus.failure(error)
        if failure.kind == .internal {
            self.init(
                RPCError(
                    .internal, "a fault of the service's own",
                    hint: "its log has the cause, under the request's id \(requestID)"))
        } else {
            self.init(failure)
        }
    }

    public init(_ error: RPCError) {
        code = error.code
        message = String(decoding: error.message.utf8.prefix(Self.maximumMessage), as: UTF8.self)
        details = RPCErrorDetails(error).encoded(code: error.code, message: error.message)
    }

    /// What `error` is in gRPC's vocabulary.
    public static func failure(_ error: any Error) -> RPCError {
        switch error {
        case let error as RPCError: error
        case let error as ApolloError: RPCError(error)
        case is CancellationError: RPCError(.cancelled, "the call was cancelled")
        default: RPCError(.internal, "\(error)")
        }
    }
}
