import Core
import Glibc
import SecretMessages
import Terminal

/// Reads a secret from a file, the standard input, or a person, who does not see it.
enum SecretInput {
    static func read(file: String?, name: String, _ errors: Output) throws -> SecretBytes {
        if let file {
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw PrivateFile.failure(reading: file) }
            defer { close(descriptor) }
            return try all(of: descriptor, file)
        }
        guard isatty(STDIN_FILENO) == 1 else { return try all(of: STDIN_FILENO, "the standard input") }
        let secret = try typed { try errors.write("Secret '\(name.printable)' (not shown): ") }
        try errors.write("\n")
        return secret
    }

    static func all(of descriptor: Int32, _ source: String) throws -> SecretBytes {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PrivateFile.failure(reading: source) }
            guard count > 0 else { break }
            bytes += piece[..<count]
            guard bytes.count <= SecretContent.limit else {
                throw ApolloError(
                    .invalid, "\(source) has more than 1 MiB", hint: "a secret has 1 MiB at most")
            }
        }
        guard !bytes.isEmpty else { throw ApolloError(.invalid, "\(source) is empty", hint: "give a secret") }
        return SecretBytes(bytes)
    }

    /// A line, key by key: the terminal must show nothing, and be as it was whatever is pressed.
    static func typed(_ ask: () throws -> Void) throws -> SecretBytes {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw PrivateFile.failure("read", "the terminal") }
        var hidden = before
        hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
        // Not before: who is asked may begin at once.
        try ask()
        var bytes: [UInt8] = []
        while true {
            var key: UInt8 = 0
            let count = Glibc.read(STDIN_FILENO, &key, 1)
            if count < 0, errno == EINTR { continue }
            switch (count, key) {
            // ^C and ^\, which are no signals here.
            case (1, 3), (1, 28): throw ApolloError(.cancelled, "interrupted; nothing was stored")
            // A letter is several bytes, all but the first of them 10xxxxxx.
            case (1, 8), (1, 127): while let byte = bytes.popLast(), byte & 0xC0 == 0x80 {}
            case (1, 21): bytes = []  // ^U
            case (1, 10), (1, 13), (1, 4), (0, _), (..<0, _):
                guard !bytes.isEmpty else {
                    throw ApolloError(.invalid, "nothing was entered", hint: "nothing was stored")
                }
                return SecretBytes(bytes)
            default: bytes.append(key)
            }
        }
    }
}
