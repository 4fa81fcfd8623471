import CYAML
import Documents

/// A step of a YAML text: something begins, ends or stands there.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case scalar(String, isPlain: Bool)
        case alias(String)
    }

    var kind: Kind
    var location: SourceLocation
    var anchor: String?
    var tag: String?
}

/// libyaml's parser over bytes in memory. The only owner of its C objects.
struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        // The parser reads where the bytes lie: they have to stay there.
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            input.deallocate()
            throw YAMLError("there is no memory to read it")
        }
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
        // Else it would take bytes that begin like one for UTF-16.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event; after the end of the stream it must not be asked again.
    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let location = SourceLocation(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, location: location)
        case YAML_STREAM_END_EVENT: return YAMLEvent(kind: .streamEnd, location: location)
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, location: location)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, location: location)
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, location: location)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, location: location)
        case YAML_ALIAS_EVENT:
            return YAMLEvent(kind: .alias(text(event.data.alias.anchor) ?? ""), location: location)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return YAMLEvent(
                kind: .sequenceStart, location: location, anchor: text(start.anchor), tag: text(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return YAMLEvent(
                kind: .mappingStart, location: location, anchor: text(start.anchor), tag: text(start.tag))
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            // With its length: a double-quoted text may hold a NUL, written `\0`.
            let value = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return YAMLEvent(
                kind: .scalar(value, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), location: location,
                anchor: text(scalar.anchor), tag: text(scalar.tag))
        default:
            throw YAMLError(
                "libyaml answers with the unknown event \(event.type.rawValue)", location: location)
        }
    }

    private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let pointer else { return nil }
        return String(decodingCString: UnsafePointer(pointer), as: UTF8.self)
    }

    /// What the parser says of the text it refused.
    private func failure() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        switch parser.pointee.error {
        case YAML_MEMORY_ERROR: return YAMLError("there is no memory to read it")
        case YAML_READER_ERROR:
            // The reader knows bytes, not lines.
            let before = input.prefix(Int(clamping: parser.pointee.problem_offset))
            let line =
                before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).last ?? []
            let location = SourceLocation(
                line: before.count { $0 == UInt8(ascii: "\n") } + 1,
                column: String(decoding: line, as: UTF8.self).unicodeScalars.count + 1)
            return YAMLError(Self.explained(problem), location: location)
        default:
            var text = Self.explained(problem)
            if let context = parser.pointee.context {
                let mark = SourceLocation(parser.pointee.context_mark)
                text += ", \(String(cString: context))"
                if mark.line != Int(parser.pointee.problem_mark.line) + 1 {
                    text += " that begins on line \(mark.line)"
                }
            }
            return YAMLError(text, location: SourceLocation(parser.pointee.problem_mark))
        }
    }

    /// libyaml's words, and what they mostly mean.
    private static func explained(_ problem: String) -> String {
        switch problem {
        case "mapping values are not allowed in this context":
            "a ':' begins a value where none can stand (check the indentation, or put quotes around a text with ': ')"
        case "found character that cannot start any token":
            "a character that cannot begin a value (indent with spaces, not tabs, and put quotes around texts that begin with @, ` or %)"
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            "a tab stands where only spaces can indent"
        case "did not find expected key":
            "a key is missing here (check the indentation)"
        case "control characters are not allowed", "invalid leading UTF-8 octet",
            "invalid trailing UTF-8 octet",
            "incomplete UTF-8 octet sequence", "invalid length of a UTF-8 sequence",
            "invalid Unicode character":
            "\(problem): the file must be plain text in UTF-8"
        default: problem
        }
    }
}

extension SourceLocation {
    /// libyaml counts lines and columns from 0, columns in characters.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}
