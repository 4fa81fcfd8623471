public import Glibc

/// When a file was last written, since 1970.
public struct ModificationTime: Equatable, Sendable {
    public let seconds: Int
    public let nanoseconds: Int

    public init(_ status: stat) {
        // In a release build the compiler does not find the names of `timespec`: it takes them for another module's, which nobody
        // can import. Its two numbers are 64 bits each.
        (seconds, nanoseconds) = withUnsafeBytes(of: status.st_mtim) {
            let numbers = $0.bindMemory(to: Int.self)
            return (numbers[0], numbers[1])
        }
    }
}
