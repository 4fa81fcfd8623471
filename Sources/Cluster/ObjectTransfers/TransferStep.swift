public import Core

/// One thing that a copy, a move or a synchronisation does.
public struct TransferStep: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        case upload(String, ObjectPlace.Object)
        case download(ObjectPlace.Object, String)
        /// Within the store.
        case copy(ObjectPlace.Object, ObjectPlace.Object)
        case removeObject(ObjectPlace.Object)
        case removeFile(String)
    }

    public var action: Action
    /// Bytes; 0 for what moves none.
    public var size: Int64
    /// Why, in a word; nil where it was asked for.
    public var reason: String?
    /// When a file that is received is held to have been written; nil for now.
    public var modified: Timestamp?

    public init(_ action: Action, size: Int64 = 0, reason: String? = nil, modified: Timestamp? = nil) {
        self.action = action
        self.size = size
        self.reason = reason
        self.modified = modified
    }

    /// What it makes or removes.
    public var target: String {
        switch action {
        case .upload(_, let object), .copy(_, let object), .removeObject(let object): object.text
        case .download(_, let path), .removeFile(let path): path
        }
    }

    /// What it is made of; nil where something is removed.
    public var source: String? {
        switch action {
        case .upload(let path, _): path
        case .download(let object, _), .copy(let object, _): object.text
        case .removeObject, .removeFile: nil
        }
    }
}
