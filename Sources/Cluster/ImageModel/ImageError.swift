/// Why a text or a document of an image is not what it should be.
public enum ImageError: Error, Hashable, Sendable {
    /// No digest: `algorithm:hex` in lower case, of an algorithm that is known.
    case digest(String)
    case repository(String)
    case tag(String)
    case reference(String)
    /// A manifest, an index or a configuration that cannot be read; what is wrong with it.
    case document(String)
    /// A document of a kind that is not supported.
    case mediaType(String)
    /// A document of more bytes than is allowed.
    case tooLarge(Int, limit: Int)
}

extension ImageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .digest(let text):
            "'\(text)' is no digest: 'sha256:' and 64 or 'sha512:' and 128 hexadecimal digits in lower case"
        case .repository(let text):
            "'\(text)' is no name of a repository: lower-case letters and digits, with '.', '_', '__' or '-' between them, in parts parted by '/'"
        case .tag(let text):
            "'\(text)' is no tag: 1 to 128 letters, digits, '_', '.' and '-', and no '.' or '-' at its beginning"
        case .reference(let text): "'\(text)' is no reference to an image, such as team/app:1.0"
        case .document(let problem): problem
        case .mediaType(let text): "the media type '\(text)' is none of an image's"
        case .tooLarge(let size, let limit): "\(size) bytes are more than the \(limit) allowed"
        }
    }
}
