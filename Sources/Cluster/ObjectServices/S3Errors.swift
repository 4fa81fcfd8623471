import Core
import Databases
import HTTPModel
import ObjectModel
import ObjectStorage
import S3Messages

extension S3Error {
    /// What is told of any error; nil where it is a fault of the platform, which is logged.
    init(telling error: any Error) {
        switch error {
        case let error as S3Error: self = error
        case let error as StoreError: self.init(error)
        case let error as HTTPBodyError: self.init(error)
        case let error as DatabaseError: self.init(error.asApolloError)
        case let error as ApolloError: self.init(error)
        default: self.init(.internalError, "We encountered an internal error. Please try again.")
        }
    }

    private init(_ error: StoreError) {
        switch error {
        case .noBucket: self.init(.noSuchBucket, "The specified bucket does not exist")
        case .noObject: self.init(.noSuchKey, "The specified key does not exist.")
        case .noVersion: self.init(.noSuchVersion, "The specified version does not exist.")
        case .removed(let version, let isNamed):
            self =
                isNamed
                ? S3Error(.methodNotAllowed, "The specified method is not allowed against this resource.")
                : S3Error(.noSuchKey, "The specified key does not exist.")
            fields = [.init("x-amz-delete-marker", "true"), .init("x-amz-version-id", version.text)]
        case .bucketExists:
            self.init(
                .bucketAlreadyExists,
                "The requested bucket name is not available. Please select a different name and try again.")
        case .bucketNotEmpty: self.init(.bucketNotEmpty, "The bucket you tried to delete is not empty")
        case .conditionFailed:
            self.init(.preconditionFailed, "At least one of the pre-conditions you specified did not hold")
        case .noUpload:
            self.init(
                .noSuchUpload,
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
            )
        case .noPart:
            self.init(
                .invalidPart,
                "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
            )
        case .partsOutOfOrder:
            self.init(
                .invalidPartOrder,
                "The list of parts was not in ascending order. Parts must be ordered by part number.")
        case .partTooSmall:
            self.init(
                .entityTooSmall, "Your proposed upload is smaller than the minimum allowed size")
        case .locked: self = ObjectServer.locked
        case .keyMissing: self.init(.invalidRequest, "The object is encrypted by a key that was not given.")
        case .quota(let subject, let excess): self.init(.quotaExceeded, Self.text(subject, excess))
        case .full: self.init(.insufficientStorage, "The disk of the object store has no room.")
        }
    }

    private static func text(_ subject: ObjectQuota.Subject, _ excess: ObjectQuota.Excess) -> String {
        switch excess {
        case .bytes(let limit): "The quota is used up: \(subject) may have \(ByteCount(limit)) at most."
        case .objects(let limit): "The quota is used up: \(subject) may have \(limit) objects at most."
        }
    }

    private init(_ error: HTTPBodyError) {
        switch error {
        case .timedOut:
            self.init(
                .requestTimeout,
                "Your socket connection to the server was not read from or written to within the timeout period."
            )
        case .tooLarge: self.init(.entityTooLarge, "Your proposed upload exceeds the maximum allowed size")
        case .malformed, .disconnected:
            self.init(.incompleteBody, "The request body did not come whole.")
        }
    }

    private init(_ error: ApolloError) {
        switch error.kind {
        case .exhausted: self.init(.slowDown, "Please reduce your request rate.")
        case .unavailable, .deadline, .cancelled: self.init(.serviceUnavailable, "Please try again.")
        case .denied, .unauthenticated: self.init(.accessDenied, "Access Denied: \(error.message)")
        case .notFound: self.init(.accessDenied, "Access Denied: \(error.message)")
        case .conflict, .exists: self.init(.operationAborted, error.message)
        case .invalid: self.init(.invalidArgument, error.message)
        case .corrupt, .internal:
            self.init(.internalError, "We encountered an internal error. Please try again.")
        }
    }
}
