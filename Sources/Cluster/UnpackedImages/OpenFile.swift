import Glibc

/// An open file, closed with its owner.
struct OpenFile: ~Copyable {
    let number: Int32

    init?(_ number: Int32) {
        guard number >= 0 else { return nil }
        self.number = number
    }

    deinit { close(number) }
}

/// What `errno` says now.
func systemText(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

extension LayerError {
    /// The failure of a system call on something, by `errno`.
    static func system(_ what: String, _ code: Int32 = errno) -> LayerError {
        switch code {
        case ENOSPC, EDQUOT: .noRoom("\(what): \(systemText(code))")
        default: .failed("\(what): \(systemText(code))")
        }
    }
}
