import Core

/// How a log line is written.
public struct LogFormat: Hashable, Sendable {
    public enum Style: Hashable, Sendable {
        /// For people: `2026-11-21T09:30:11.123Z INFO  a task started  task=web node=n1`.
        case human(colour: Bool)
        /// For programs: one JSON object.
        case json
    }

    public var style: Style
    /// The most bytes of a line with its newline. The default is `PIPE_BUF` of Linux: a write of that much to a pipe
    /// is never interleaved with another's (pipe(7)).
    public var maximumSize: Int

    public init(_ style: Style, maximumSize: Int = 4096) {
        self.style = style
        self.maximumSize = max(256, maximumSize)
    }

    /// The bytes of a line, newline included. A message takes at most half the room; fields that do not fit are left
    /// out, and the line says so.
    public func line(_ line: LogLine) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        switch style {
        case .human(let colour): human(line, colour, into: &bytes)
        case .json: json(line, into: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// What is kept free for the note that something was left out, and the newline.
    private static let reserve = 32

    // MARK: Human

    private func human(_ line: LogLine, _ colour: Bool, into bytes: inout [UInt8]) {
        bytes += Array(line.time.description.utf8)
        let label = Self.label(line.level)
        let painted = colour ? "\u{1B}[\(Self.colour(line.level))m\(label)\u{1B}[0m" : label
        bytes += Array(" \(painted) ".utf8)
        var isCut = Self.appendPlain(line.message, limit: maximumSize / 2, to: &bytes)
        for (index, field) in line.fields.enumerated() {
            var text = Array((index == 0 ? "  " : " ").utf8)
            _ = Self.appendPlain(field.name, limit: 128, to: &text)
            text.append(UInt8(ascii: "="))
            switch field.value {
            case .text(let value):
                let needsQuotes =
                    value.isEmpty || value.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3D }
                if needsQuotes { text.append(0x22) }
                isCut =
                    Self.appendPlain(value, limit: maximumSize / 2, quoted: needsQuotes, to: &text) || isCut
                if needsQuotes { text.append(0x22) }
            case .redacted: text += Array("[redacted]".utf8)
            case .integer(let value): text += Array(value.description.utf8)
            case .number(let value): text += Array(value.description.utf8)
            case .bool(let value): text += Array(value.description.utf8)
            }
            guard bytes.count + text.count + Self.reserve <= maximumSize else {
                isCut = true
                continue
            }
            bytes += text
        }
        if isCut { bytes += Array(" [cut]".utf8) }
    }

    private static func label(_ level: LogLevel) -> String {
        switch level {
        case .debug: "DEBUG"
        case .info: "INFO "
        case .warning: "WARN "
        case .error: "ERROR"
        }
    }

    private static func colour(_ level: LogLevel) -> Int {
        switch level {
        case .debug: 2
        case .info: 32
        case .warning: 33
        case .error: 31
        }
    }

    /// Appends text of at most `limit` bytes with everything a terminal would act on escaped, so that no value can
    /// forge a line or move the cursor. Returns whether something had to be cut.
    private static func appendPlain(
        _ text: String, limit: Int, quoted: Bool = false, to bytes: inout [UInt8]
    ) -> Bool {
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && !(quoted && ($0 == 0x22 || $0 == 0x5C))
        }
        if isPlain, text.utf8.count <= limit {
            bytes += text.utf8
            return false
        }
        let end = bytes.count + limit
        for scalar in text.unicodeScalars {
            let isMarked = quoted && (scalar == "\"" || scalar == "\\")
            let piece = isMarked ? "\\\(scalar)" : String(scalar).printable
            guard bytes.count + piece.utf8.count <= end else { return true }
            bytes += piece.utf8
        }
        return false
    }

    // MARK: JSON

    private func json(_ line: LogLine, into bytes: inout [UInt8]) {
        bytes += Array("{\"time\":\"\(line.time)\",\"level\":\"\(line.level.name)\",\"message\":".utf8)
        var isCut = Self.appendQuoted(line.message, limit: maximumSize / 2, to: &bytes)
        for field in line.fields {
            var text = Array(",".utf8)
            _ = Self.appendQuoted(field.name, limit: 128, to: &text)
            text.append(UInt8(ascii: ":"))
            switch field.value {
            case .text(let value):
                isCut = Self.appendQuoted(value, limit: maximumSize / 2, to: &text) || isCut
            case .redacted: text += Array("\"[redacted]\"".utf8)
            case .integer(let value): text += Array(value.description.utf8)
            case .number(let value): text += Array((value.isFinite ? value.description : "null").utf8)
            case .bool(let value): text += Array(value.description.utf8)
            }
            guard bytes.count + text.count + Self.reserve <= maximumSize else {
                isCut = true
                continue
            }
            bytes += text
        }
        if isCut { bytes += Array(",\"cut\":true".utf8) }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func appendQuoted(_ text: String, limit: Int, to bytes: inout [UInt8]) -> Bool {
        bytes.append(0x22)
        defer { bytes.append(0x22) }
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        if isPlain, text.utf8.count <= limit {
            bytes += text.utf8
            return false
        }
        let end = bytes.count + limit
        for scalar in text.unicodeScalars {
            var piece: [UInt8]
            switch scalar.value {
            case 0x0A: piece = Array("\\n".utf8)
            case 0x22, 0x5C: piece = [0x5C, UInt8(scalar.value)]
            case 0..<0x20, 0x7F:
                let digits = String(scalar.value, radix: 16)
                piece = Array("\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8)
            default: piece = Array(scalar.utf8)
            }
            guard bytes.count + piece.count <= end else { return true }
            bytes += piece
        }
        return false
    }
}
